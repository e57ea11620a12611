# Rekeys, in either role, under a request/response load: nothing is lost, nothing is clear.
. "$BTNS_REPO/test/lab/lib.sh"

cat >"$scratch/echo.py" <<'PY'
import socket, sys, threading
s = socket.create_server(("0.0.0.0", 7000))
def serve(c):
    while True:
        d = c.recv(64)
        if not d: return
        c.sendall(d)
while True:
    c, _ = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
PY
cat >"$scratch/load.py" <<'PY'
import os, socket, sys, time
s = socket.create_connection(("10.77.0.2", 7000))
s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
print("go", flush=True)
worst = n = 0
while not os.path.exists(sys.argv[1]):
    start = time.monotonic()
    s.sendall(b"x" * 32)
    got = 0
    while got < 32: got += len(s.recv(64))
    worst = max(worst, time.monotonic() - start)
    n += 1
retrans = open("/proc/net/netstat").read()
print(n, int(worst * 1000))
PY
up alice bob
on bob btns-run python3 "$scratch/echo.py" & server=$!
eventually 10 port_open bob 7000
wire alice start
on alice btns-run python3 "$scratch/load.py" "$scratch/stop" >"$scratch/load" 2>&1 & load=$!
eventually 10 test -s "$scratch/load"
before=$(retransmitted alice bob)
spis() { on alice ip -o xfrm state | grep -o 'spi 0x[0-9a-f]*' | sort; }
old=$(spis)
rekey() { # the child SA, by this host's charon
    on "$1" swanctl --rekey --child "$2" --uri unix:///run/btns/ike/charon.vici >>"$scratch/rekey.log" 2>&1
}
child=$(on alice swanctl --list-sas --uri unix:///run/btns/ike/charon.vici 2>/dev/null | awk '/INSTALLED/ { sub(":", "", $1); print $1; exit }')
for _ in 1 2 3 4 5; do
    rekey alice "$child"; sleep 1
    rekey bob in; sleep 1
done
sleep 6
touch "$scratch/stop"
wait $load
after=$(retransmitted alice bob)
read -r n worst < <(tail -n 1 "$scratch/load")
echo "$n round trips, worst $worst ms, $((after - before)) segments retransmitted over 10 rekeys"
check rekeyed eval 'cat "$scratch/rekey.log"; [[ $(grep -c "rekey completed successfully" "$scratch/rekey.log") == 10 ]]'
check other-sas eval '[[ -z $(comm -12 <(echo "$old") <(spis)) ]]'
check nothing-lost eval 'cat "$scratch/load"; echo "$before -> $after"; ((after == before))'
check load-ran eval '((n > 200))'
check still-one-reqid eval '[[ $(on alice ip -o xfrm state | grep -o "reqid [0-9]*" | sort -u | wc -l) == 1 ]]'
wire alice stop
check no-clear no_clear alice 7000
cleanup_servers $server
