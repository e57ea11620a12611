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
wire alice start; wire bob start
# resent COUNTER: at both ends. SYNs that are lost are sent again; when none was, none was lost. At a connection's end the
# last segment may find the other program, its guard and its SAs gone already (no TIME_WAIT waits here): nobody misses it.
resent() {
    local host
    for host in alice bob; do on $host nstat -az "$1"; done | awk -v name="$1" '$1 == name { n += $2 } END { print n + 0 }'
}
cold=25 bad=0 before=$(segments alice bob) syns=$(resent TcpExtTCPSynRetrans)
slowest=0
for ((i = 0; i < cold; i++)); do
    start=${EPOCHREALTIME/./}
    [[ $(on alice btns-run curl -sS4 http://bob:8000/) == hello ]] || bad=$((bad + 1))
    ms=$(((${EPOCHREALTIME/./} - start) / 1000))
    ((ms <= slowest)) || slowest=$ms
    eventually 10 nothing_left alice || bad=$((bad + 100))
done
echo "$cold cold connections, $bad bad, slowest $slowest ms with the program's start"
wire alice stop; wire bob stop
check all-fetched eval '((bad == 0))'
check no-clear-alice no_clear alice 8000
check no-clear-bob no_clear bob 8000
no_syn_lost() {
    local lost=$(($(segments alice bob) - before)) again=$(($(resent TcpExtTCPSynRetrans) - syns))
    echo "$lost segments did not arrive; $again SYNs were sent again"
    ((lost == 0 || again == 0))
}
check no-syn-lost eval 'eventually 10 no_syn_lost && cat "$scratch/eventually"'
# A guard for one port does not touch another port, while a connection is latched.
on alice btns-run python3 "$py/hold.py" 10.77.0.2 8000 "$scratch/never" & held=$!
eventually 10 latch alice ESTABLISHED '10.77.0.2:8000' >/dev/null
serve bob 8001 "$www" --clear; other=$served
check other-ports-clear eval '[[ $(on alice curl -sS4 -m 200 http://bob:8001/) == hello ]] && latch alice ESTABLISHED 10.77.0.2:8000'
kill $held; wait $held 2>/dev/null || true
kill $other
cleanup_servers $server
