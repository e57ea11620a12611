# Mallory takes an address before a connection is established.
. "$BTNS_REPO/test/lab/takeover.sh"

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
    sleep 0.5
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

check mallory-was-sent-nothing not says . "$scratch/mallory.log"
cleanup_servers $server $evil
