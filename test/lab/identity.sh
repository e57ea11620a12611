# Rules that name the peer, and the addresses and services that an any-key peer may not claim.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/identity-lib.sh"

policy() { set_policy "$1"; }
any_policy() { # any-key for everything: the weakest rules
    policy "$1" <<'CONF'
format = 1
profile "any" { identity = any-key timeout = 60 }
program "test" { match = { "*" } rule "any" { action = protect profile = "any" } }
CONF
}
# named_policy HOST PERMIT: port 8443 is for these peers alone, everything else for any key
named_policy() {
    policy "$1" <<CONF
format = 1
profile "named" { identity = named timeout = 60 }
profile "any" { identity = any-key timeout = 60 }
program "test" {
  match = { "*" }
  rule "named" { port = { 8443 } action = protect profile = "named" permit = { $2 } }
  rule "rest" { action = protect profile = "any" }
}
CONF
}
json() { on "$1" btnsctl "$2" --json; }
# hold HOST PORT [ADDRESS]: a connection to bob (or ADDRESS) that lives until release
holders=()
hold() {
    rm -f "$scratch/release"
    on "$1" btns-run python3 "$py/hold.py" "${3-10.77.0.2}" "$2" "$scratch/release" >/dev/null 2>&1 & holders+=($!)
}
release() { touch "$scratch/release"; wait "${holders[@]}" || true; holders=(); }

export BTNSD_OPTS="--linger 1"
forget_ended alice bob mallory
for host in alice bob mallory; do on $host sysctl -qw net.ipv4.tcp_orphan_retries=1; done
up alice bob mallory
alice_key=$(key alice) bob_key=$(key bob) mallory_key=$(key mallory)
any_policy alice; any_policy bob; any_policy mallory
named_policy bob "\"alice\", \"$mallory_key\""
on bob btnsctl peers add "$alice_key" 10.77.0.1 alice
serve bob 8443 "$www"; named=$served
serve bob 8000 "$www"; open=$served
serve mallory 8443 "$evil"; evil_named=$served
serve mallory 8000 "$evil"; evil_open=$served

# ---- initiator: bob by name ----
named_policy alice '"bob"'
check nobody-has-the-name fails 'none of those asked for \(named bob\)' alice bob:8443/
on alice btnsctl peers name bob 10.77.0.2 2>/dev/null || on alice btnsctl peers add "$bob_key" 10.77.0.2 bob
check name-is-listed eval 'on alice btnsctl peers | tee /dev/stderr | grep -F "$bob_key  10.77.0.2  bob   pinned"'
check named-fetches eval '[[ $(fetch alice bob:8443/) == "hello from bob" ]]'
hold alice 8443
check named-latched eventually 8 latch alice ESTABLISHED '10.77.0.2:8443 .*bob'
check named-how eval 'json alice latches | holds "any(l[\"authentication\"] == \"named\" and l[\"name\"] == \"bob\" and l[\"key\"] == \"$bob_key\" for l in v)"'
check named-how-server eval 'json bob latches | holds "any(l[\"authentication\"] == \"named\" and l[\"name\"] == \"alice\" for l in v)"'

# ---- latched parameters stay (L12): an attempt to change them is refused with the reason ----
check rename-while-latched eval '! on alice btnsctl peers add "$mallory_key" 10.77.0.66 bob 2>"$scratch/err"; cat "$scratch/err"; grep -qF "are latched to $bob_key, and a latch does not change" "$scratch/err"'
check move-while-latched eval '! on alice btnsctl peers add "$mallory_key" 10.77.0.2 2>"$scratch/err"; cat "$scratch/err"; says "latch does not change|pinned by the administrator" "$scratch/err"'
policy alice <<'CONF'
format = 1
profile "other" { suites = { "chacha20poly1305" } identity = any-key timeout = 60 }
program "test" { match = { "*" } rule "other" { action = protect profile = "other" } }
CONF
check other-suite-while-latched fails 'latched with suite aes256gcm16; the rule asks for chacha20poly1305' alice bob:8443/
named_policy alice '"carol", "'"$alice_key"'"'
check other-name-while-latched fails 'latched already: .*none of those asked for \(named carol' alice bob:8443/
check latch-goes-on latch alice ESTABLISHED '10.77.0.2:8443 .*bob'
release
quiet alice

# ---- responder: bob's service is for alice's key alone; peers with other keys are refused ----
named_policy bob '"alice"'
named_policy alice '"bob"'
wire bob start
check permitted-in eval '[[ $(fetch alice bob:8443/) == "hello from bob" ]]'
hold alice 8443
check stranger-beside eventually 8 latch bob ESTABLISHED '10.77.0.2:8443 .*alice'
check stranger-open eval '[[ $(fetch mallory bob:8000/) == "hello from bob" ]]'
hold mallory 8000 # keeps her SAs alive
# Two ways with alice, two with mallory: four keys.
four_keys() { on bob ip xfrm state | grep -oE "0x[0-9a-f]{72}" | sort >"$scratch/keys"; (($(wc -l <"$scratch/keys") >= 4)); }
eventually 20 four_keys
check keys-differ eval 'cat "$scratch/keys"; (($(wc -l <"$scratch/keys") >= 4)) && [[ -z $(uniq -d "$scratch/keys") ]]'
release
: >"$RESULTS.d/server-bob-8443"
check stranger-kept-out fails 'does not protect this service for us|not proved' mallory bob:8443/
check stranger-no-guard eval '! on bob ip -o xfrm policy | grep "sport 8443" | grep "priority 100 " | grep 10.77.0.66'
check stranger-not-served eval '! grep GET "$RESULTS.d/server-bob-8443"'
check stranger-nothing-clear no_clear bob 8443
check floor-above-charon eval 'on bob ip xfrm policy | grep -q "priority 1000 "'
# bob is connected to a service of mallory's: from its port, through its SA, mallory does not get at bob's service either
rm -f "$scratch/release"
on mallory btns-run python3 "$py/listen.py" 7777 "$scratch/release" >"$scratch/listen" 2>&1 & listens=$!
eventually 10 says listening "$scratch/listen"
hold bob 7777 10.77.0.66
eventually 20 latch bob ESTABLISHED '10.77.0.66:7777' >/dev/null
before=$(counted bob XfrmInPolBlock)
on mallory python3 "$py/from_listeners_port.py" 10.77.0.2 8443 7777 >"$scratch/back" 2>&1 & back=$!
dropped() { [[ -s $scratch/back ]] || (($(counted bob XfrmInPolBlock) > before)); }
eventually 20 dropped
check back-from-port-is-kept-out eval 'cat "$scratch/back"; on bob btnsctl latches; (($(counted bob XfrmInPolBlock) > before)) && ! says HTTP "$scratch/back" && ! grep -F 10.77.0.66 "$RESULTS.d/server-bob-8443"'
kill $back; wait $back 2>/dev/null || true
release
wait $listens || true
wire bob stop

# ---- a reload without alice: her latches there break, and she is not let in again ----
hold alice 8443
check withdraw-latched eventually 8 latch bob ESTABLISHED '10.77.0.2:8443 .*alice'
named_policy bob "\"nobody\""
# The event is immediate. Later, when alice's claim is refused again, the latch gives another reason.
check withdrawn-breaks eventually 60 says 'latch-broken: .*10.77.0.2:8443.*\(rule-withdrawn\)' "$BTNS_LAB/bob.log"
check withdrawn-stays-broken eventually 20 eval 'json bob latches | holds "any(l[\"state\"] == \"failed\" and l[\"local_port\"] == 8443 for l in v)"'
release
check withdrawn-not-let-in eval '! fetch alice bob:8443/'
named_policy bob '"alice"'
quiet alice
quiet mallory

# ---- mallory takes bob's address, which is pinned: refused by any-key, by name, in both roles ----
any_policy alice; any_policy bob
quiet alice
wire mallory start
take_address bob
: >"$RESULTS.d/server-mallory-8000"
check pinned-refuses-any-key fails 'the administrator pinned the address to bob' alice bob:8000/
named_policy alice '"bob", "'"$mallory_key"'"'
check pinned-refuses-listed fails 'the administrator pinned the address to bob' alice bob:8443/
serve alice 8000 "$www"; alice_open=$served
hurried mallory
check pinned-refuses-as-client eval '! on mallory btns-run curl -sS4 -m 200 --interface 10.77.0.2 http://alice:8000/'
check pinned-no-sa-at-alice eval '! on alice ip -o xfrm state | grep -q 10.77.0.2'

# ---- not pinned, but another program's rule names the peer there: an any-key rule does not get round it ----
on alice btnsctl forget 10.77.0.2
policy alice <<CONF
format = 1
profile "named" { identity = named  permit = { "$bob_key" } timeout = 60 }
profile "any" { identity = any-key timeout = 60 }
program "curl" { match = { "/usr/bin/curl" } rule "any" { action = protect profile = "any" } }
program "other" { match = { "/usr/bin/wget" } rule "owner" { remote = { "10.77.0.2" } port = { 8443 } action = protect profile = "named" } }
CONF
check owned-refuses-any-key fails 'rule "owner" \(.*:5\) says who speaks for that service there' alice bob:8443/
check takeover-not-served eval '! grep GET "$RESULTS.d/server-mallory-8000" "$RESULTS.d/server-mallory-8443"'
check takeover-nothing-clear eval 'no_clear mallory 8000 && no_clear mallory 8443'
check unowned-is-any-keys eval '[[ $(fetch alice bob:8000/) == evil ]]'
wire mallory stop
return_address bob
on alice btnsctl forget 10.77.0.2
quiet alice

# ---- the suite that a rule about accepting asks for ----
policy bob <<'CONF'
format = 1
profile "chacha" { suites = { "chacha20poly1305" } identity = any-key timeout = 60 }
program "test" { match = { "*" } rule "in" { at = { accept } port = { 8001 } action = protect profile = "chacha" } }
CONF
serve bob 8001 "$www"; chacha=$served
any_policy alice
check other-suite-refused fails 'accepts none of our suites for it|not proved' alice bob:8001/
policy alice <<'CONF'
format = 1
profile "chacha" { suites = { "chacha20poly1305" } identity = any-key timeout = 60 }
program "test" { match = { "*" } rule "out" { action = protect profile = "chacha" } }
CONF
check same-suite-taken eval '[[ $(fetch alice bob:8001/) == "hello from bob" ]]'
cleanup_servers $named $open $evil_named $evil_open $alice_open $chacha
