# Mandatory rules in the kernel: with and without a shim, with and without btnsd.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello" >"$www/index.html"
raw=$BTNS_BUILD/programs/raw
export BTNSD_OPTS="--linger 1"

law() { put_policy alice 05-law.conf; }
the_law() {
    cat <<END
format = 1
profile "patient" { timeout = 60 }
program "everybody" {
  match = "*"
  rule "to-bob" {
    at = connect
    remote = { "10.77.0.2", "fd77::2", "10.77.0.66" }
    port = { 8000, "8002-8005" }
    action = protect
    profile = "patient"
    mandatory = true
    reason = "the law of the lab"
  }
  rule "named" {
    at = accept
    port = 8011
    action = protect
    identity = named
    permit = { "nobody-at-all" }
    mandatory = true
    reason = "not for bob"
  }
  rule "closed" { at = accept  port = 8012  action = discard  mandatory = true  reason = "for nobody" }
  rule "to-us" { at = accept  port = 8010  action = protect  mandatory = true  reason = "the same" }
}
END
}
entries() { on alice ip xfrm policy | grep -cE 'priority 55[0-9]{3} ' || true; }
refused() { ! "$@" >"$scratch/out" 2>&1 || { cat "$scratch/out"; return 1; }; cat "$scratch/out"; }
open() { on alice "${3-$raw}" "$1" "$2" 60000 | tee /dev/stderr | grep -q '^answered: HTTP'; }
# go_gets PORT [COMMAND...]: a program written in Go (hey) got bob's page from there, within $patience s (3)
go_gets() {
    local port=$1
    shift
    timeout -s KILL 400 "$@" hey -n 1 -c 1 -t "${patience-3}" "http://10.77.0.2:$port/" >"$scratch/go" 2>&1 || true
    cat "$scratch/go"
    grep -qE '\[200\][[:space:]]+1 responses' "$scratch/go"
}
go_from_alice() { go_gets "$1" on alice; }

patient alice bob
the_law | law
up alice bob
serve bob 8000 "$www"; server=$served
serve bob 8001 "$www" --clear; other=$served
serve bob 8002 "$www" --clear; clear=$served
serve mallory 8002 "$www" --clear; strange=$served
serve alice 8010 "$www" --clear; ours=$served
# The kernel's entries from the start, before any program has asked.
check from-the-start eval '(($(entries) > 0)) && on alice ip xfrm policy | grep -B2 "priority 55" | grep -c "action block"'
wire alice start

# ---- programs that no shim reaches ----
check raw-gets-nothing refused on alice "$raw" 10.77.0.2 8002
check raw-under-shim-gets-nothing refused on alice btns-run "$raw" 10.77.0.2 8002
check static-gets-nothing refused on alice "$raw-static" 10.77.0.2 8002
check go-gets-nothing refused go_from_alice 8002
check go-is-go eval 'grep -aq "Go build ID\|Go buildinf" "$(type -P hey)"; on alice btns-run --check hey | tee /dev/stderr | grep -q "supervisor: a Go program"'
check curl-gets-nothing drops alice on alice curl -sS4 -m 500 http://bob:8002/
check curl6-gets-nothing drops alice on alice curl -sS6 -m 500 http://bob:8002/
check port-in-range-gets-nothing refused on alice "$raw-static" 10.77.0.2 8005
none_clear() { local p; for p; do no_clear alice "$p" || return 1; done; }
check nothing-clear-left none_clear 8000 8002 8005
# btnsd refuses this one at once; the kernel alone would only let connect() wait.
check not-weakened eval 'refused on alice btns-run --prefer curl -sS4 -m 200 http://mallory:8002/ && says "mandatory rule .to-bob." "$scratch/out"'
check others-untouched eval 'open 10.77.0.2 8001 && open 10.77.0.2 8001 "$raw-static" && patience=150 go_from_alice 8001'

# ---- a user's own policy lets bob in to a port of hers, from which something then calls bob in the clear ----
cat >"$scratch/mine.conf" <<'END'
format = 1
profile "named" { identity = named  permit = { "nobody-at-all" } }
program "mine" {
  match = "*"
  rule "bob" { at = accept  remote = "10.77.0.2"  action = bypass }
  rule "rest" { at = accept  action = protect  profile = "named" }
}
END
chmod 644 "$scratch/mine.conf"
user() { on alice setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
user btns-run --policy "$scratch/mine.conf" python3 "$py/listen.py" 9999 "$scratch/lured" >"$scratch/lure.log" 2>&1 & lure=$!
eventually 10 says listening "$scratch/lure.log"
check users-floor-stands eventually 20 eval 'on alice ip -o xfrm policy | grep -E "sport 9999.* priority 100[0-9] " && on alice ip -o xfrm policy | grep -E "dst 10.77.0.2.*sport 9999.*" | grep -v action | grep -E "priority 6000[0-9] "'
check users-policy-gets-nothing refused user timeout 300 python3 "$py/from_listeners_port.py" 10.77.0.2 8002 9999
touch "$scratch/lured"; wait $lure || true
check nothing-clear-by-it no_clear alice 8002

# ---- the entries are below guards: protected packets pass, also without a shim ----
check protected-passes eval '[[ $(on alice btns-run curl -sS4 http://bob:8000/) == hello ]]'
check protected-was-esp eval 'some_esp alice && no_clear alice 8000'

# ---- on the accepting side ----
check clear-caller-kept-out refused on mallory "$raw-static" 10.77.0.1 8010
# A protected caller that the rule does not name stays out; protection does not open a service that is closed to all.
serve alice 8011 "$www" --clear; named=$served
serve alice 8012 "$www" --clear; closed=$served
check protected-stranger-kept-out eval 'refused on bob btns-run curl -sS4 -m 200 http://alice:8011/ && ! on alice ip -o xfrm policy | grep -E "sport 8011 .*priority (100|50000) "'
check closed-stays-closed refused on bob btns-run curl -sS4 -m 200 http://alice:8012/
check protected-caller-comes-in eval '[[ $(on bob btns-run curl -sS4 http://alice:8010/) == hello ]]'

# ---- the block stays: a refused reload, a flush, the death of btnsd, a restart ----
before=$(entries)
echo 'format = 1 nonsense' | law
check refused-reload-keeps eval '! on alice btnsctl reload 2>"$scratch/err"; cat "$scratch/err"; [[ $(entries) == "$before" ]]'
the_law | law
on alice ip xfrm policy flush
check flushed-comes-back eventually 5 eval '[[ $(entries) == "$before" ]]'
kill -9 "$(pid_of alice pid)"
check dead-stays eval '[[ $(entries) == "$before" ]]'
check dead-gets-nothing refused on alice "$raw-static" 10.77.0.2 8002
eventually 10 up alice
check restart-adopts eval '[[ $(entries) == "$before" ]]'
down alice
check stopped-stays eval '[[ $(entries) == "$before" ]]'
# A rule that was removed while btnsd was not running: its entries are deleted at start.
the_law | grep -v '"to-us"' | law
up alice
check fewer-after-start eval 'n=$(entries); echo "$n of $before"; ((n > 0 && n < before))'
check nothing-clear-ever none_clear 8002 8005

# ---- the entries are deleted with their rule ----
drop_policy alice 05-law.conf
check gone-with-the-rule eval '[[ $(entries) == 0 ]] && open 10.77.0.66 8002'
# The programs that got nothing get the page now: the rule had kept them off.
check it-was-the-rule eval 'open 10.77.0.2 8002 && open 10.77.0.2 8002 "$raw-static" && patience=150 go_from_alice 8002 && on alice curl -sS6 -m 200 http://bob:8002/'

# ---- the audit log ----
log() { on alice cat /var/log/btns/audit.jsonl; }
check audit-is-json eval 'log | python3 "$py/json_lines.py"'
check audit-rules eval 'log | grep "\"rule-file\"" | grep "05-law.conf" | tee /dev/stderr | grep -c "sha256"'
check audit-denied eval 'log | grep -E "\"event\":\"(latch-closed|unprotected|decision|latch-broken)\"" | tail -3'
cleanup_servers $named $closed $server $other $clear $ours $strange
