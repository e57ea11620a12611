# Many first packets: each connection finds no guard and no SA at either end, and brings both up.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo hello >"$www/index.html"
for host in alice bob; do on $host sysctl -qw net.ipv4.tcp_max_tw_buckets=0; done
export BTNSD_OPTS="--linger 0"
up alice bob
# The server is not under btns-run: its host protects it because the client asks (L5).
serve bob 8000 "$www" --clear; server=$served
wire alice start; wire bob start
cold=25 bad=0 before=$(segments alice bob)
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
check no-syn-lost none_lost "$before" alice bob
check other-ports-clear eval 'serve bob 8001 "$www" --clear; other=$served; [[ $(on alice curl -sS4 -m 60 http://bob:8001/) == hello ]]; r=$?; kill $other; ((r == 0))'
cleanup_servers $server
