# Many cold connections: neither end has a guard or SAs, and no first packet is lost.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo hello >"$www/index.html"
forget_ended alice bob
export BTNSD_OPTS="--linger 0"
patient alice bob
up alice bob
# The server is not under btns-run: its host protects it because the client asks (L5).
serve bob 8000 "$www" --clear; server=$served
# Once a connection is made, it stays idle until every segment of both ends has arrived: a lost SYN shows by then,
# however fast the machine is. At a connection's end, the last segment may come after the other program, its guard and
# its SAs have gone (no TIME_WAIT here), so a loss of it does not count.
cold_connection() {
    local before status=0 start ms
    before=$(segments alice bob)
    start=${EPOCHREALTIME/./}
    on alice btns-run python3 "$py/get_when.py" 10.77.0.2 8000 "$scratch/stands" >"$scratch/page" 2>"$scratch/said" & local client=$!
    eventually 200 test -e "$scratch/stands" >/dev/null || { kill $client; cat "$scratch/page"; return 1; }
    ms=$(((${EPOCHREALTIME/./} - start) / 1000))
    ((ms <= slowest)) || slowest=$ms
    none_lost "$before" alice bob >/dev/null || lost=$((lost + 1))
    rm "$scratch/stands"
    wait $client && [[ $(<"$scratch/page") == hello ]] || status=1
    eventually 30 nothing_left alice && eventually 30 nothing_left bob || status=1
    return $status
}
slowest=0 lost=0
# in_exchanges N HOST...: a first connection takes N IKE exchanges if the peer knows us in time; if the peer was slow,
# the proof was repeated, and another connection is tried. HOSTs forget their peer before each.
in_exchanges() {
    local host n
    for _ in 1 2 3 4 5 6; do
        for host in "${@:2}"; do on "$host" btnsctl forget "$(other "$host")" || true; done
        wire alice start
        cold_connection || { wire alice stop; return 1; }
        wire alice stop
        n=$(exchanges alice)
        echo "$n exchanges"
        ((n != $1)) || return 0
    done
    return 1
}
other() { case $1 in alice) echo 10.77.0.2 ;; bob) echo 10.77.0.1 ;; esac; }
check unknown-in-four in_exchanges 4 alice bob
check known-in-two in_exchanges 2
wire alice start; wire bob start
cold=25 bad=0 lost=0 slowest=0
for ((i = 0; i < cold; i++)); do cold_connection || bad=$((bad + 1)); done
echo "$cold cold connections, $bad bad, slowest $slowest ms with the program's start"
wire alice stop; wire bob stop
check all-fetched eval '((bad == 0))'
check no-clear-alice no_clear alice 8000
check no-clear-bob no_clear bob 8000
check no-syn-lost eval 'echo "segments were lost in $lost connections"; ((lost == 0))'
# A guard for one port does not touch another port, while a connection is latched.
on alice btns-run python3 "$py/hold.py" 10.77.0.2 8000 "$scratch/never" & held=$!
eventually 10 latch alice ESTABLISHED '10.77.0.2:8000' >/dev/null
serve bob 8001 "$www" --clear; other=$served
check other-ports-clear eval '[[ $(on alice curl -sS4 -m 200 http://bob:8001/) == hello ]] && latch alice ESTABLISHED 10.77.0.2:8000'
kill $held; wait $held 2>/dev/null || true
kill $other
cleanup_servers $server
