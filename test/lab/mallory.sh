# Attacks: another key on the same address, a claimed key, clear segments into a latched flow.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/impostor.sh"
. "$BTNS_REPO/test/lab/blind.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 8M /dev/urandom >"$www/big"
evil=$scratch/evil
mkdir -p "$evil"
echo "evil" | tee "$evil/index.html" >"$evil/big"

short() { key "$1" | cut -c1-18; }
fetch() { on alice btns-run curl -sS4 -m 200 http://bob:8000/; }

export BTNSD_OPTS="--linger 1"
# Guards outlast TIME_WAIT; here the test would only wait for that (teardown.sh tests it).
forget_ended alice bob mallory
quiet() { eventually 15 nothing_left "$1" >/dev/null; }
patient alice bob mallory
up alice bob
serve bob 8000 "$www"; server=$served
on mallory python3 -m http.server --bind :: --directory "$evil" 8000 >"$scratch/evil.log" 2>&1 & evil_server=$!

# ---- with his own key on bob's address, before first contact: a leap of faith lands on him ... ----
up mallory
take_address bob
check leap-lands-on-who-is-there eval '[[ $(fetch) == evil ]]'
check leap-is-recorded eval 'on alice btnsctl peers | grep 10.77.0.2 | grep -q "$(key mallory)"'
quiet alice
return_address bob
# ... and when bob is back, known-key refuses the changed key until somebody runs btnsctl forget.
check changed-key-refused eval '! fetch 2>"$scratch/err"; cat "$scratch/err"; says "key of 10.77.0.2 has changed" "$scratch/err" && says "Somebody may be between" "$scratch/err" && says "btnsctl peers forget 10.77.0.2" "$scratch/err"'
check changed-key-forgotten on alice btnsctl forget 10.77.0.2
check after-forget eval '[[ $(fetch) == "hello from bob" ]]'
quiet alice

# ---- on bob's address now, with bob known ----
take_address bob
check known-key-refuses-mallory eval '! fetch 2>"$scratch/err"; cat "$scratch/err"; says "has changed" "$scratch/err"'
return_address bob
check bob-again eval '[[ $(fetch) == "hello from bob" ]]'

# ---- clear segments, exactly in sequence, into a latched flow ----
mismatches() { echo $(($(counted alice XfrmInTmplMismatch) + $(counted alice XfrmInNoStates))); }
serve bob 8001 "$www" --clear; clear=$served
check control-attack-kills-a-clear-flow eval '[[ $(attack 8001 on alice) != alive ]]'
before=$(mismatches)
check clear-segments-bounce-off eval '[[ $(attack 8000 on alice btns-run) == alive ]]'
check clear-segments-were-dropped-before-tcp eval '(($(mismatches) >= before + 5))'

# ---- he takes the address while a latch is established ----
on alice btns-run curl -sS4 --limit-rate 20k -o "$scratch/got" http://bob:8000/big & slow=$!
eventually 8 latch alice ESTABLISHED '10.77.0.2:8000' >/dev/null
eventually 8 test -s "$scratch/got"
wire mallory start
take_address bob
: >"$scratch/evil.log"
check takeover-latch-fails eventually 60 latch alice FAILED '10.77.0.2:8000'
check takeover-says-why eval 'on alice btnsctl latches | tee /dev/stderr | grep -q "the latch is to $(key bob 2>/dev/null || cat $scratch/bobkey), but 10.77.0.2 now claims $(key mallory)"'
check takeover-new-connection-refused eval '! fetch'
check takeover-nothing-reached-mallory eval '! says GET "$scratch/evil.log"'
check takeover-nothing-delivered eval 'cmp -n "$(stat -c %s "$scratch/got")" "$scratch/got" "$www/big"'
hurried mallory
check takeover-from-mallory-as-client eval '! on mallory btns-run curl -sS4 -m 200 --interface 10.77.0.2 http://alice:8000/'
wire mallory stop
check takeover-wire-has-no-clear no_clear mallory 8000
kill $slow; wait $slow 2>/dev/null || true
return_address bob
quiet alice

# ---- an introduction claims bob's key, without having its private half ----
down mallory
impostor_start "$(key bob)"
hurried alice
check impostor-refused eval '! on alice btns-run curl -sS4 -m 200 http://mallory:8000/ 2>"$scratch/err"; cat "$scratch/err" "$scratch/impostor/load"; says "claims $(key bob | sed "s/[+]/[+]/g") but did not prove it" "$scratch/err"'
check impostor-not-recorded eval '! on alice btnsctl peers | grep 10.77.0.66 | grep -q "$(key bob)"'
check impostor-got-no-sa eval '! on mallory ip -o xfrm state | grep -q .'
impostor_stop
check bob-still-there eval '[[ $(fetch) == "hello from bob" ]]'
cleanup_servers $server $evil_server $clear
