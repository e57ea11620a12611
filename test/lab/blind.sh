# Sourced: mallory spoofs segments with exact numbers into a connection from alice to bob.

attack() { # attack PORT RUNNER...: prints alive, corrupt or dead
    local port=$1 victim_port rcv snd
    shift
    rm -f "$scratch/go" "$scratch/victim"; mkfifo "$scratch/go"
    "$@" python3 "$BTNS_REPO/test/lab/py/victim.py" "$port" <"$scratch/go" >"$scratch/victim" 2>&1 &
    local victim=$!
    exec 9>"$scratch/go"
    eventually 10 test -s "$scratch/victim"
    read -r victim_port rcv snd <"$scratch/victim"
    on mallory python3 "$BTNS_REPO/test/lab/py/attack.py" "$port" "$victim_port" "$rcv" "$snd"
    sleep 1
    echo go >&9; exec 9>&-
    wait $victim
    sed -n 2p "$scratch/victim"
}
