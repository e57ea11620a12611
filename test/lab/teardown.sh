# When all connections are closed, nothing is left behind as soon as no packet can be sent any more.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo hello >"$www/index.html"

# The end that closes first has the TIME_WAIT: the client, and then the server.
patient alice bob
up alice bob
serve bob 8000 "$www"; server=$served
wire alice start; wire bob start
check fetched eval '[[ $(on alice btns-run curl -sS4 http://bob:8000/) == hello ]]'
on alice btns-run python3 "$py/closer.py" client
on alice btns-run python3 "$py/closer.py" server
check time-wait-at-either-end eval 'eventually 5 time_wait alice 8000 && eventually 5 time_wait bob 8000'
# guarded: as long as the client's kernel keeps its TIME_WAIT, some 60 s, both hosts keep their guards
guarded() {
    local there looks=0
    while there="$(guards alice) $(guards bob)" && time_wait alice 8000; do
        [[ " $there" != *" 0"* ]] || { echo "guards after $looks looks: $there"; return 1; }
        ((++looks))
        pause 2
    done
    ((looks > 0))
}
check guarded-in-time-wait guarded
cleanup_servers $server
check no-clear-until-the-end eval 'no_clear alice 8000 && no_clear bob 8000'
check alice-empty eventually 100 nothing_left alice
check bob-empty eventually 10 nothing_left bob
check no-floor-left eval '[[ -z $(spd bob) ]]'
serve bob 8000 "$www" --clear; clear=$served
check clear-works-again eval '[[ $(on alice curl -sS4 -m 200 http://bob:8000/) == hello ]]'
serve alice 8000 "$www" --clear; clear2=$served
check clear-works-again-from-bob eval '[[ $(on bob curl -sS4 -m 200 http://alice:8000/) == hello ]]'
check no-latches eval '[[ $(on alice btnsctl latches --json) == "[]" && $(on bob btnsctl latches --json) == "[]" ]]'
wire alice stop; wire bob stop
down alice bob
check no-policy-at-all eval '! on alice ip xfrm policy | grep -q "dir \(in\|out\)" && ! on bob ip xfrm policy | grep -q "dir \(in\|out\)"'
check no-state-at-all eval '[[ -z $(on alice ip xfrm state; on bob ip xfrm state) ]]'
check no-process eval '! pgrep -x "charon|btnsd"'
cleanup_servers $clear $clear2
