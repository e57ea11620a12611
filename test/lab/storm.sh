# Blind attacks of the tcpsecure document on a latched connection, at both ends, and the same on one in the clear.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
patient alice bob
up alice bob
serve bob 8000 "$www"; server=$served
BIND=:: serve bob 8001 "$www" --clear; clear_server=$served

# counted_now HOST FILE NAME: a counter of the kernel of that host
counted_now() { on "$1" awk -v name="$3" '$1 == name { print $2 }' "/proc/net/$2"; }
challenges() { on "$1" nstat -asz TcpExtTCPChallengeACK | awk '/Challenge/ { print $2 }'; }
# storm PORT RUNNER...: the connection's fate (alive, corrupt, dead), and in $scratch/sent how many segments each end was sent
storm() {
    local port=$1 victim_port rcv snd victim
    shift
    rm -f "$scratch/go" "$scratch/victim"; mkfifo "$scratch/go"
    "$@" python3 "$py/victim.py" "$port" <"$scratch/go" >"$scratch/victim" 2>&1 &
    victim=$!
    exec 9>"$scratch/go"
    eventually 10 test -s "$scratch/victim"
    read -r victim_port rcv snd <"$scratch/victim"
    on mallory python3 "$py/storm.py" 10.77.0.2 10.77.0.1 "$port" "$victim_port" "$rcv" "$snd" >"$scratch/sent"
    on mallory python3 "$py/storm.py" 10.77.0.1 10.77.0.2 "$victim_port" "$port" "$snd" "$rcv" >>"$scratch/sent"
    eventually 30 on mallory ping -q -c 1 -W 60 10.77.0.1 >/dev/null # when both are answered, the segments have been handled
    eventually 30 on mallory ping -q -c 1 -W 60 10.77.0.2 >/dev/null
    echo go >&9; exec 9>&-
    wait $victim
    sed -n 2p "$scratch/victim"
}
latched() {
    local host
    for host in alice bob; do counted_now $host xfrm_stat XfrmInTmplMismatch >"$scratch/$host.dropped"; challenges $host >"$scratch/$host.challenges"; done
    [[ $(storm 8000 on alice btns-run) == alive ]]
}
# dropped HOST: each segment was, before TCP saw it, which was never provoked to answer
dropped() {
    local now
    now=$(counted_now "$1" xfrm_stat XfrmInTmplMismatch)
    cat "$scratch/sent"
    echo "$1: $(($(<"$scratch/$1.dropped"))) to $now segments dropped by their template, $(<"$scratch/$1.challenges") to $(challenges "$1") challenge ACKs"
    ((now - $(<"$scratch/$1.dropped") >= 65536 + 128)) && [[ $(challenges "$1") == "$(<"$scratch/$1.challenges")" ]]
}
check latched-lives latched
check latched-drops-alice dropped alice
check latched-drops-bob dropped bob
challenges alice >"$scratch/before"
check clear-does-not-live eval '[[ $(storm 8001 on alice) != alive ]]; cat "$scratch/victim"'
check clear-was-provoked eval 'echo "$(<"$scratch/before") to $(challenges alice) challenge ACKs"; (($(challenges alice) > $(<"$scratch/before")))'
down alice bob
cleanup_servers "$server" "$clear_server"
