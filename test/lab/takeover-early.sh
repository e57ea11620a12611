# Mallory takes an address before a connection is established.
. "$BTNS_REPO/test/lab/takeover.sh"
forget_ended alice bob

# ---- the controls: without btns the same segments do harm, at either end ----
on bob python3 "$py/takeover_server.py" 8001 "$got" >/dev/null 2>&1 & clear_server=$!
eventually 10 port_open bob 8001
# control HOST: the connection is not whole. Mallory's RST ends it at HOST, and the other end is never told.
control() {
    local port rcv snd
    rm -f "$scratch/steps" "$scratch/said" "$got/1"; mkfifo "$scratch/steps"
    on alice python3 "$py/takeover_client.py" 8001 <"$scratch/steps" >"$scratch/said" 2>&1 & program=$!
    exec 8>"$scratch/steps"
    said=0
    step connect
    read -r _ port rcv snd <"$scratch/said"
    take "$(other "$1")"
    if [[ $1 == alice ]]; then
        on mallory python3 "$py/attack.py" 10.77.0.2 10.77.0.1 8001 "$port" "$rcv" "$snd"
    else
        on mallory python3 "$py/attack.py" 10.77.0.1 10.77.0.2 "$port" 8001 "$snd" "$rcv"
    fi
    echo rest >&8
    eventually 20 grep -rq -e INJECTED -e error -e ERROR "$scratch/said" "$got"
    local status=$?
    give_back "$(other "$1")"
    kill $program
    client_ends
    cat "$scratch/said" "$got"/* 2>/dev/null
    return $status
}
check control-harms-a-clear-client control alice
check control-harms-a-clear-server control bob
kill $clear_server; wait $clear_server 2>/dev/null || true
rm -f "$got"/*

# ---- before the SYN: bob is known, and was here a moment ago ----
connect; step greet; step half; finish
check first-connection whole
# to_mallory NAME: alice connects to bob's address, which is mallory's now. With an SA of bob's, she sends her SYN in
# that, again and again; without, mallory's key is refused.
to_mallory() {
    local status=0 caller
    take bob
    watch_out alice "$1"
    rm -f "$scratch/called" "$scratch/called.err" # `tried` looks at them before the program makes them
    on alice btns-run curl -sS4 -m 200 http://10.77.0.2:8000/ >"$scratch/called" 2>"$scratch/called.err" & caller=$!
    eventually 30 tried
    kill $caller 2>/dev/null || true
    wait $caller && status=1
    watch_ends
    sa_fields mallory spi >"$scratch/keyed"
    give_back bob
    cat "$scratch/called" "$scratch/called.err" "$scratch/keyed"
    ((status == 0)) && [[ ! -s $scratch/called ]] && sent_clear "$1" && [[ ! -s $scratch/keyed ]] && not says GET "$scratch/mallory.log"
}
tried() { [[ -s $scratch/called.err || -s $scratch/called ]] || seen_out 2 esp; }
check before-syn-warm to_mallory warm
eventually 30 nothing_left alice >/dev/null
check before-syn-cold to_mallory cold

# ---- during IKE: bob's charon stands still, then mallory's answers in its place ----
guard_there() { on alice ip -o xfrm policy | grep -q "dport 8000.*priority 100 "; }
during_ike() {
    local charon
    charon=$(pid_of bob charon_pid)
    eventually 30 nothing_left alice >/dev/null
    kill -STOP "$charon"
    client 8000; step begin
    eventually 5 guard_there >/dev/null
    attack during-ike alice
    kill -CONT "$charon"
    step greet; step half; finish # bob answers when he has got everything
    watch_ends
    cat "$scratch/said"
}
# The attempt is protected in the end or fails; either way, do not wait long.
set_policy alice <<'CONF'
format = 1
profile "brief" { timeout = 10 }
program "test" { match = "*" rule "brief" { at = connect action = protect profile = "brief" } }
CONF
during_ike >"$scratch/during" 2>&1
drop_policy alice
answers_again 8000
# The attempt may be over when his segments come: a port without a socket answers them with a reset.
check during-ike unharmed during-ike 'tcp[tcpflags] & tcp-rst == 0'

check during-ike-goes-on grep -E "^(got b.from bob|error)" "$scratch/said" # or was told that it failed

# ---- the SYN is sent and not answered: bob's queue is full ----
# The server may be waiting for a connection, and takes one more. So there are two connections, of which both ends are
# bob's; the others' SYNs have no answer.
fill_queue() {
    touch "$got/full"
    on bob python3 "$py/fill_accept_queue.py" 127.0.0.1 8000 & filler=$!
    eventually 10 has_socket bob 01 8000 4 >/dev/null && within 30 syn_sent bob 8000 2
}
empty_queue() {
    rm -f "$got/full"
    kill $filler
    wait $filler 2>/dev/null || true
}
handshake() { # handshake NAME HOST
    eventually 30 nothing_left alice >/dev/null # until a broken latch goes, its service is refused
    fill_queue
    client 8000; step begin
    eventually 10 sas_up alice >/dev/null
    eventually 10 syn_sent alice 8000 && echo "no answer yet" >"$scratch/$1.point"
    attack "$1" "$2"
    empty_queue
    step greet; step half; finish
    watch_ends
}
handshake syn-sent alice
check syn-sent eval 'test -s "$scratch/syn-sent.point" && unharmed syn-sent'
check syn-sent-goes-on whole
handshake syn-received bob
check syn-received unharmed syn-received
check syn-received-goes-on whole

# ---- the same, and alice's SAs are lost: btnsd asks the address again, where another host answers ----
broken_attempt() { # broken_attempt STEP
    local error=$scratch/broken-$1
    eventually 30 nothing_left alice >/dev/null
    fill_queue
    on alice btnsctl watch --json >"$scratch/watch-$1" 2>&1 & local watching=$!
    eventually 10 test -s "$scratch/watch-$1" >/dev/null
    client 8000; step "$1"
    eventually 20 syn_sent alice 8000 >/dev/null
    watch_out alice "broken-$1"
    take bob
    : >"$scratch/mallory.log"
    on alice ip xfrm state flush
    [[ $1 == block ]] || echo rest >&8
    eventually 60 says '^(error|answered|got)' "$scratch/said"
    cp "$scratch/said" "$error"
    [[ $1 == block ]] || eventually 10 says latch-closed "$scratch/watch-$1"
    watch_ends
    kill $watching; wait $watching 2>/dev/null || true
    give_back bob
    empty_queue
    client_ends
    cp "$scratch/client.err" "$error.err"
    cat "$error" "$error.err"
}
reason='the latch is to ed25519:.*, but 10.77.0.2 now claims ed25519:'
broken_attempt begin >"$scratch/broken" 2>&1
check attempt-ends-as-though-reset eval 'cat "$scratch/broken"; says "^error .Errno 104" "$scratch/broken-begin" && says "$reason" "$scratch/broken-begin.err"'
check attempt-ends-nothing-clear eval 'sent_clear broken-begin && not says . "$scratch/mallory.log"'
check attempt-end-is-told eval 'cat "$scratch/watch-begin"; says "\"event\":\"latch-closed\".*\"reason_code\":\"identity-conflict\",\"reason\":\"$reason.*\"program\":\"python3" "$scratch/watch-begin"'
broken_attempt block >"$scratch/broken" 2>&1
check blocking-attempt-fails-with-the-reason eval 'cat "$scratch/broken"; says "^error .Errno 1. Operation not permitted" "$scratch/broken-block" && says "$reason" "$scratch/broken-block.err"'
check blocking-attempt-nothing-clear eval 'sent_clear broken-block && not says . "$scratch/mallory.log"'
eventually 30 nothing_left alice >/dev/null # until the broken latch goes, its service is refused
connect; step greet; step half; finish
check attempt-afterwards-is-whole whole

check mallory-was-sent-nothing not says . "$scratch/mallory.log"
cleanup_servers $server $evil
