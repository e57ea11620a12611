# What is left when everything is closed: nothing, as soon as nothing more can be sent.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo hello >"$www/index.html"

# Who closes first has the TIME_WAIT: the client, and then the server.
cat >"$scratch/closer.py" <<'PY'
import socket, sys, time
s = socket.create_connection(("10.77.0.2", 8000))
if sys.argv[1] == "client":
    s.close()
else:
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    while s.recv(4096): pass
    time.sleep(0.5)
PY
up alice bob
serve bob 8000 "$www"; server=$served
time_wait() { on "$1" ss -Htan state time-wait | grep -q 8000; }
wire alice start; wire bob start
check fetched eval '[[ $(on alice btns-run curl -sS4 http://bob:8000/) == hello ]]'
on alice btns-run python3 "$scratch/closer.py" client
on alice btns-run python3 "$scratch/closer.py" server
check time-wait-at-either-end eval 'eventually 5 time_wait alice && eventually 5 time_wait bob'
# As long as the first TIME_WAIT is young enough, it is too early to go.
sleep 40
check guarded-in-time-wait eval 'time_wait alice && (($(guards alice) > 0 && $(guards bob) > 0))'
cleanup_servers $server
check no-clear-until-the-end eval 'no_clear alice 8000 && no_clear bob 8000'
check alice-empty eventually 100 nothing_left alice
check bob-empty eventually 10 nothing_left bob
check no-floor-left eval '[[ -z $(spd bob) ]]'
serve bob 8000 "$www" --clear; clear=$served
check clear-works-again eval '[[ $(on alice curl -sS4 -m 60 http://bob:8000/) == hello ]]'
serve alice 8000 "$www" --clear; clear2=$served
check clear-works-again-from-bob eval '[[ $(on bob curl -sS4 -m 60 http://alice:8000/) == hello ]]'
check no-latches eval '[[ $(on alice btnsctl latches --json) == "[]" && $(on bob btnsctl latches --json) == "[]" ]]'
wire alice stop; wire bob stop
down alice bob
check no-policy-at-all eval '! on alice ip xfrm policy | grep -q "dir \(in\|out\)" && ! on bob ip xfrm policy | grep -q "dir \(in\|out\)"'
check no-state-at-all eval '[[ -z $(on alice ip xfrm state; on bob ip xfrm state) ]]'
check no-process eval '! pgrep -x "charon|btnsd"'
cleanup_servers $clear $clear2
