# The library between hosts: the programs of the draft's appendix, the peer that a socket is latched to, and refusals.
. "$BTNS_REPO/test/lab/lib.sh"

programs=$BTNS_BUILD/programs
patient alice bob
forget_ended alice bob mallory
export BTNSD_OPTS="--linger 1"

quiet() { eventually 15 nothing_left "$1" >/dev/null; }
# listen HOST PORT: writes what callers say to $scratch/HOST.heard and answers each with it; pid in $listener
listen() {
    : >"$scratch/$1.heard"
    on "$1" ${3-btns-run} python3 "$py/hear_and_repeat.py" "$2" "$scratch/$1.heard" >"$RESULTS.d/listener-$1-$2" 2>&1 &
    listener=$!
    eventually 10 port_open "$1" "$2"
}
hello() { on alice "$programs/hello" "$@"; }
heard() { cat "$scratch/$1.heard"; }
same_key() { python3 "$py/exported_channel.py" has "$(key "$1")" <"$2"; }

# run_twice PORT KIND...: the first run stores its peer, the second one reaches the same peer
run_twice() {
    local kind old
    for kind in "${@:2}"; do
        old=$scratch/$kind.old
        check "$kind-first-contact" eval "hello $kind 10.77.0.2 $1 $old | tee /dev/stderr | grep -qx 'hello: sent'"
        check "$kind-stored-bob" same_key bob "$old"
        check "$kind-second-run" eval "hello $kind 10.77.0.2 $1 $old | tee /dev/stderr | grep -qx 'hello: sent'"
    done
}

up alice bob
listen bob 7000; servers=$listener
wire bob start
run_twice 7000 conn msg
check bob-heard-all eventually 10 eval '[[ $(heard bob | wc -l) == 4 ]]'
wire bob stop
check wire-no-clear no_clear bob 7000
check wire-some-esp some_esp bob
quiet alice

# ---- datagrams ----
# listen_udp HOST PORT: writes what it hears to $scratch/HOST.heard-udp, and answers each with it; pid in $listener
listen_udp() {
    : >"$scratch/$1.heard-udp"
    on "$1" btns-run python3 "$py/hear_and_repeat_datagrams.py" "$2" "$scratch/$1.heard-udp" >"$RESULTS.d/listener-$1-$2" 2>&1 &
    listener=$!
    eventually 10 udp_open "$1" "$2"
}
udp_open() { on "$1" ss -Hlun "sport = :$2" | grep -q .; }
no_clear_udp() { ! wire "$1" report | awk -v p="$2" '$1 == "udp-clear" && $2 == p' | grep .; }
heard_udp() { cat "$scratch/$1.heard-udp"; }
listen_udp bob 7001; servers+=" $listener"
wire bob start
run_twice 7001 udp-conn udp-msg
check bob-heard-datagrams eventually 10 eval '[[ $(heard_udp bob | wc -l) == 4 ]]'
wire bob stop
check datagrams-no-clear no_clear_udp bob 7001
check datagrams-some-esp some_esp bob

# ---- the sender of a datagram: reported for each, and never guessed ----
mkfifo "$scratch/ask"
on alice "$programs/senders" 7002 <"$scratch/ask" >"$scratch/senders" 2>&1 & servers+=" $!"
exec {ask}>"$scratch/ask"
eventually 10 udp_open alice 7002
# told WHO: the sender of the next datagram that alice's program has
told() {
    local before
    before=$(wc -l <"$scratch/senders")
    echo >&"$ask"
    eventually 20 eval "((\$(wc -l <\"$scratch/senders\") > $before))"
    [[ $(tail -1 "$scratch/senders" | tee /dev/stderr) == "$1" ]]
}
waits_at_alice() { on alice ss -Hlun "sport = :7002" | awk '{ n += $2 } END { exit !n }'; }
send_from() { on "$1" "$programs/hello" udp-conn 10.77.0.1 7002 "$scratch/to-alice-$1" | tee /dev/stderr | grep -qx "hello: sent"; }
# The first datagram after a guard's begin or end may have come before it; the next ones have not.
send_clear() { on mallory python3 -c 'import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("10.77.0.1", 7002))'; }
check sender-bob eventually 30 eval 'send_from bob && told "$(key bob)"'
check sender-clear eventually 30 eval 'send_clear && told clear'
nothing_left_alice() { nothing_left alice >/dev/null; }
check sender-ended eval 'send_from bob && eventually 10 waits_at_alice && eventually 60 nothing_left_alice && told "$(key bob)"'
check sender-waits eval 'send_from bob && eventually 10 waits_at_alice'

# ---- the binding for Python ----
python() { on alice ${under-} env LD_LIBRARY_PATH="$BTNS_BUILD" PYTHONPATH="$BTNS_REPO/libapi/python" python3 "$py/who_is_it.py" "$@"; }
check python-who eval 'under=btns-run python 10.77.0.2 7000 | tee "$scratch/python"; [[ $(tail -1 "$scratch/python") == "$(key bob)" && $(wc -l <"$scratch/python") == 2 ]]'
check python-expects eval '[[ $(python 10.77.0.2 7000 "$(key bob)" | tail -1) == "$(key bob)" ]]'
check python-refuses eval 'python 10.77.0.2 7000 "$(key alice)" | tee /dev/stderr | grep -q "^EPERM "'

# ---- fork, and every way into the library: under the shim, and under the supervisor in a program that has lost the shim ----
check forked eval '[[ $(on alice env LD_LIBRARY_PATH="$BTNS_BUILD" PYTHONPATH="$BTNS_REPO/libapi/python" python3 "$py/library_after_fork.py" "$(key bob)" 10.77.0.2 7000 |
    tee /dev/stderr | xargs) == "child $(key bob) parent $(key bob) both" ]]'
# under KIND PORT COMMAND...: the draft's program, started by COMMAND, reaches bob; and refuses him if it expects alice
under() {
    on alice "${@:3}" "$programs/hello" "$1" 10.77.0.2 "$2" "$scratch/$1.old" | tee /dev/stderr | grep -qx "hello: sent" &&
        on alice "${@:3}" "$programs/hello" "$1" 10.77.0.2 "$2" "$scratch/alice.line" | tee /dev/stderr | grep -Eq '^hello: (EPERM|ENOKEY: sendmsg): '
}
python3 "$py/exported_channel.py" replace "$(key bob)" "$(key alice)" <"$scratch/conn.old" >"$scratch/alice.line"
for kind in conn msg udp-conn udp-msg; do
    port=$([[ $kind == udp-* ]] && echo 7001 || echo 7000)
    check $kind-under-shim under $kind $port btns-run
    # --require lets out only datagrams that libbtns has asked about
    check $kind-under-supervisor under $kind $port btns-run $([[ $kind == udp-* ]] && echo --require || echo --supervise) env -i
done

# ---- why a call was refused: under the shim, and under the supervisor ----
discard_to_bob 7009
tells_why() { under="$*" python 10.77.0.2 7009 | tee /dev/stderr | grep -q '^EACCES .*discarded by rule .shut. '; }
check reason-under-shim tells_why btns-run
check reason-under-supervisor tells_why btns-run --supervise env -i "PATH=$PATH"
# A server that has set a policy may bind under --require, too; a datagram in the clear does not reach it.
required() { on "$1" btns-run --require env -i "PATH=$PATH" LD_LIBRARY_PATH="$BTNS_BUILD" PYTHONPATH="$BTNS_REPO/libapi/python" python3 "${@:2}"; }
required bob "$py/library_against_kernel.py" udp-accept 7005 </dev/null >"$scratch/required" 2>&1 & servers+=" $!"
eventually 10 udp_open bob 7005
check required-client eval 'required alice "$py/library_against_kernel.py" udp-connect 10.77.0.2 7005 </dev/null | tee /dev/stderr | grep -qx holds'
check required-server grep -qxF "from $(key alice)" "$scratch/required"
quiet alice

# ---- past the library: an IPv6 socket to an IPv4 address; data may be in the first segment without a cookie ----
on alice sysctl -qw net.ipv4.tcp_fastopen=5
wire alice start
check past-library eval '[[ $(on alice env LD_LIBRARY_PATH="$BTNS_BUILD" PYTHONPATH="$BTNS_REPO/libapi/python" python3 "$py/past_library.py" "$(key bob)" 10.77.0.2 7000 | xargs) == "EPERM EPERM" ]]'
wire alice stop
check past-library-sends-nothing no_clear alice 7000
on alice sysctl -qw net.ipv4.tcp_fastopen=1

# ---- mallory at bob's address, with the same service and a btnsd of his own ----
up mallory
listen mallory 7000; servers+=" $listener"
listen_udp mallory 7001; servers+=" $listener"
on alice btnsctl forget 10.77.0.2 >/dev/null
take_address bob
wire mallory start
for kind in conn msg; do
    # connect() says EPERM, a call of the library's own ENOKEY
    check $kind-refuses-mallory eval "hello $kind 10.77.0.2 7000 $scratch/$kind.old | tee /dev/stderr | grep -Eq '^hello: (EPERM|ENOKEY: sendmsg): '"
done
for kind in udp-conn udp-msg; do
    check $kind-refuses-mallory eval "hello $kind 10.77.0.2 7001 $scratch/$kind.old | tee /dev/stderr | grep -q '^hello: EPERM: '"
done
wire mallory stop
check mallory-heard-no-datagram eval '[[ -z $(heard_udp mallory) ]]'
check mallory-got-no-datagram no_clear_udp mallory 7001
check mallory-heard-nothing eval '[[ -z $(heard mallory) ]]'
check mallory-got-no-segment no_clear mallory 7000
# Without the stored channel, a first contact accepts mallory: so the stored channel makes the difference.
check first-contact-meets-mallory eval "hello conn 10.77.0.2 7000 $scratch/new | tee /dev/stderr | grep -qx 'hello: sent' && same_key mallory $scratch/new"
# The sender of bob's datagram is reported as bob, or as unknown if his guard has failed, but never as mallory, who
# has bob's address now.
bobs_or_unknown() { told "$(key bob)" || [[ $(tail -1 "$scratch/senders") == unknown ]]; }
check sender-mallory eval 'send_from mallory && bobs_or_unknown && eventually 30 eval "send_from mallory && told \"$(key mallory)\""'
exec {ask}>&-
on alice btnsctl forget 10.77.0.2 >/dev/null
return_address bob
cleanup_servers $servers
