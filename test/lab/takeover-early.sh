# Mallory takes an address before a connection is established.
. "$BTNS_REPO/test/lab/takeover.sh"
# Guards outlast TIME_WAIT; here that would only make the test wait (takeover-late.sh has it).
for host in alice bob; do on $host sysctl -qw net.ipv4.tcp_max_tw_buckets=0; done

# ---- the controls: without btns the same segments do harm, at either end ----
on bob python3 "$scratch/server.py" 8001 "$got" >/dev/null 2>&1 & clear_server=$!
eventually 10 port_open bob 8001
control() { # control HOST: is the connection still whole?
    local port rcv snd
    rm -f "$scratch/steps" "$scratch/said" "$got/1"; mkfifo "$scratch/steps"
    on alice python3 "$scratch/client.py" 8001 <"$scratch/steps" >"$scratch/said" 2>&1 & program=$!
    exec 8>"$scratch/steps"
    said=0
    step connect
    read -r _ port rcv snd <"$scratch/said"
    take "$(other "$1")"
    if [[ $1 == alice ]]; then
        on mallory python3 "$scratch/attack.py" 10.77.0.2 10.77.0.1 8001 "$port" "$rcv" "$snd"
    else
        on mallory python3 "$scratch/attack.py" 10.77.0.1 10.77.0.2 "$port" 8001 "$snd" "$rcv"
    fi
    sleep 0.5
    give_back "$(other "$1")"
    step rest
    client_ends
    cat "$scratch/said" "$got"/* 2>/dev/null
    grep -rq -e INJECTED -e error -e ERROR "$scratch/said" "$got"
}
check control-harms-a-clear-client control alice
check control-harms-a-clear-server control bob
kill $clear_server; wait $clear_server 2>/dev/null || true
rm -f "$got"/*

# ---- before the SYN: bob is known, and was here a moment ago ----
connect; step greet; step half; finish
check first-connection whole
warm_to_mallory() {
    take bob
    watch_out alice before-syn
    ! on alice btns-run curl -sS4 -m 4 http://10.77.0.2:8000/ && sleep 0.5
    local status=$?
    kill $watcher; wait $watcher 2>/dev/null || true
    keyed >"$scratch/keyed"
    give_back bob
    ((status == 0)) && sent_clear before-syn && [[ ! -s $scratch/keyed ]] && not says GET "$scratch/mallory.log"
}
check before-syn-warm warm_to_mallory
eventually 30 nothing_left alice >/dev/null
check before-syn-cold warm_to_mallory

# ---- during IKE: bob's charon stands still, then mallory's answers in its place ----
pid_of() { on "$1" btnsctl status --json | grep -oE "\"$2\": *[0-9]+" | grep -oE '[0-9]+$'; }
during_ike() {
    local charon
    charon=$(pid_of bob charon_pid)
    eventually 30 nothing_left alice >/dev/null
    kill -STOP "$charon"
    client 8000; step begin
    eventually 5 eval 'on alice ip -o xfrm policy | grep -q "dport 8000.*priority 100 "' >/dev/null
    attack during-ike alice
    kill -CONT "$charon"
    step rest
    client_ends
    cat "$scratch/said"
}
during_ike >"$scratch/during" 2>&1
# The attempt may be over when his segments come: a port without a socket answers them with a reset.
check during-ike unharmed during-ike 'tcp[tcpflags] & tcp-rst == 0'

check during-ike-goes-on grep -E "^(got b.from bob|error)" "$scratch/said" # or was told that it failed

# ---- the SYN is sent and not answered: bob's queue is full ----
cat >"$scratch/fill.py" <<'PY'
import socket, time
held = [socket.socket() for _ in range(4)]
for s in held:
    s.setblocking(False)
    s.connect_ex(("127.0.0.1", 8000))
time.sleep(1000)
PY
syn_sent() { on "$1" ss -Htn state syn-sent "dport = :8000" | grep -q .; }
handshake() { # handshake NAME HOST
    touch "$got/full"
    on bob python3 "$scratch/fill.py" & local filler=$!
    eventually 10 eval '(($(on bob ss -Htn state syn-sent "dport = :8000" | wc -l) >= 2))' >/dev/null
    client 8000; step begin
    eventually 10 eval '(($(sas alice) >= 2))' >/dev/null
    syn_sent alice && echo "no answer yet" >"$scratch/$1.point"
    attack "$1" "$2"
    rm -f "$got/full"
    kill $filler
    wait $filler 2>/dev/null || true
    step greet; step half; finish
}
handshake syn-sent alice
check syn-sent eval 'test -s "$scratch/syn-sent.point" && unharmed syn-sent'
check syn-sent-goes-on whole
handshake syn-received bob
check syn-received unharmed syn-received
check syn-received-goes-on whole

# ---- the same, and alice's SAs are lost: who has the address now is asked, and is somebody else ----
broken_attempt() { # broken_attempt STEP
    local error=$scratch/broken-$1
    eventually 30 nothing_left alice >/dev/null
    touch "$got/full"
    on bob python3 "$scratch/fill.py" & local filler=$!
    eventually 10 eval '(($(on bob ss -Htn state syn-sent "dport = :8000" | wc -l) >= 2))' >/dev/null
    on alice btnsctl watch --json >"$scratch/watch-$1" 2>&1 & local watching=$!
    eventually 10 test -s "$scratch/watch-$1" >/dev/null
    client 8000; step "$1"
    eventually 20 syn_sent alice >/dev/null
    cp "$scratch/said" "$error.begun"
    watch_out alice "broken-$1"
    take bob
    : >"$scratch/mallory.log"
    on alice ip xfrm state flush
    [[ $1 == block ]] || echo rest >&8
    eventually 60 says '^(error|answered|got)' "$scratch/said"
    cp "$scratch/said" "$error"
    [[ $1 == block ]] || eventually 10 says latch-closed "$scratch/watch-$1"
    sleep 1 # what may follow it
    kill $watcher $watching; wait $watcher $watching 2>/dev/null || true
    give_back bob
    rm -f "$got/full"
    kill $filler
    wait $filler 2>/dev/null || true
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
check blocking-attempt-fails-with-the-reason eval 'cat "$scratch/broken"; says "^error .Errno 126. Required key not available" "$scratch/broken-block" && says "$reason" "$scratch/broken-block.err"'
check blocking-attempt-nothing-clear eval 'sent_clear broken-block && not says . "$scratch/mallory.log"'
connect; step greet; step half; finish
check attempt-afterwards-is-whole whole

check mallory-was-sent-nothing not says . "$scratch/mallory.log"
cleanup_servers $server $evil
