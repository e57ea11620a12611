# Sourced: mallory spoofs segments with exact numbers into a connection from alice to bob.

# attack PORT RUNNER...: prints alive, corrupt or dead
attack() {
    local port=$1 victim_port rcv snd
    shift
    rm -f "$scratch/go" "$scratch/victim"; mkfifo "$scratch/go"
    "$@" python3 "$py/victim.py" "$port" <"$scratch/go" >"$scratch/victim" 2>"$RESULTS.d/said-victim" &
    local victim=$!
    exec 9>"$scratch/go"
    eventually 10 test -s "$scratch/victim"
    read -r victim_port rcv snd <"$scratch/victim"
    on mallory python3 "$py/attack.py" 10.77.0.2 10.77.0.1 "$port" "$victim_port" "$rcv" "$snd"
    eventually 30 on mallory ping -q -c 1 -W 60 10.77.0.1 >/dev/null # when it is answered, the segments have been handled
    echo go >&9; exec 9>&-
    wait $victim
    sed -n 2p "$scratch/victim"
}
