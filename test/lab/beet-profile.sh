# The profile mode = beet: carol and dave, behind one router, at one port of alice's, each latched to its own key.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/talk.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from alice" >"$www/index.html"
declare -A inner
# inner_rules HOST ACTIONS: protects in BEET mode whom it connects to and who comes
inner_rules() {
    put_policy "$1" <<RULES
format = 1
profile "inner" { mode = beet  identity = $2  timeout = 60 }
program "every" {
  match = { "*" }
  rule "inner" { at = { connect, accept }  action = protect  profile = "inner" }
}
RULES
}
inner_of() { on "$1" ip -6 -o addr show dev lo | grep -o 'fd62:746e:7300:[0-9a-f:]*'; }
for host in alice carol dave mallory; do
    on $host sh -c 'for i in all lo eth0; do echo 0 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done'
done
inner_rules alice any-key
inner_rules carol known-key
inner_rules dave known-key
export BTNSD_OPTS="--linger 1"
up alice carol dave
for host in alice carol dave; do inner[$host]=$(inner_of $host); done
serve alice 8000 "$www"; web=$served
on alice btns-run python3 "$py/talk_server.py" 7000 :: & talks=$!
eventually 10 port_open alice 7000
fetch() { on "$1" btns-run curl -sS -m 200 "http://[${inner[alice]}]:8000/"; }

# ---- an inner address whose key nobody knows here; then the administrator says whose it is ----
check unknown-refused eval '! fetch carol 2>"$scratch/unknown"; cat "$scratch/unknown"; says "no known peer has the key of this inner address: btnsctl peers pin" "$scratch/unknown"'
for host in carol dave; do on $host btnsctl peers pin "$(key alice)" 10.77.0.1 alice; done
check explained eval 'on carol btnsctl explain /usr/bin/curl "[${inner[alice]}]:8000" | tee "$scratch/explained"; says "esp beet aes256gcm16" "$scratch/explained"'

# ---- both at once, at the same ports; what follows can be told from a path that is not there: mallory reaches carol's ----
wire nat start
check fetch-both eval '[[ $(fetch carol) == "hello from alice" && $(fetch dave) == "hello from alice" ]]'
talk_start carol "${inner[alice]}" 7000; carol_talks=$started
talk_start dave "${inner[alice]}" 7000; dave_talks=$started
check both-talk eval 'talk_goes_on carol && talk_goes_on dave'
latched_to() { latch alice ESTABLISHED "\[${inner[$1]}\]" | grep -F "$(key "$1" | cut -c1-18)"; }
check told-apart eval 'on alice btnsctl latches; latched_to carol && latched_to dave'
one_outer() {
    local n
    n=$(on alice ip -o xfrm state | tee /dev/stderr | grep -cE 'src 10\.77\.0\.1 dst 10\.77\.0\.77\b.*mode beet.*encap type espinudp')
    ((n >= 2))
}
check one-outer-address one_outer

# ---- a clear packet from an inner address, or to one ----
on mallory ip -6 addr add "${inner[carol]}/128" dev eth0 nodad
on mallory ip -6 route replace "${inner[alice]}" via fd77::1 src "${inner[carol]}"
check clear-in-dropped eval 'drops alice on mallory python3 "$py/talk.py" "${inner[alice]}" 7000'
check clear-out-refused eval '! on carol python3 "$py/talk.py" "${inner[alice]}" 7001'

# ---- carol moves under her connection (RFC 4555) ----
on carol sh -c 'ip addr add 192.168.77.12/24 dev eth0; ip addr del 192.168.77.2/24 dev eth0; ip route replace default via 192.168.77.1'
has_state() { on "$1" ip -o xfrm state | grep -w -- "$2"; }
check moved eventually 30 eval 'has_state carol "src 192.168.77.12 dst 10.77.0.1" && ! has_state carol "192\.168\.77\.2"'
check goes-on eval 'talk_goes_on carol && talk_goes_on dave'
check same-latch latched_to carol

# ---- the router gets another address ----
on nat sh -c 'ip addr add 10.77.0.78/24 dev eth0; ip addr del 10.77.0.77/24 dev eth0' || true
on nat ip addr >"$RESULTS.d/nat-addr"
check router-moved eval 'talk_goes_on carol && talk_goes_on dave'
for host in alice carol dave; do cp "$BTNS_LAB/$host.log" "$RESULTS.d/" || true; on $host ip xfrm state >"$RESULTS.d/state-$host"; on $host ip xfrm policy >"$RESULTS.d/policy-$host"; done
check wire-has-no-clear eval 'wire nat stop; no_clear nat 7000 && no_clear nat 8000 && some_esp nat'
cleanup_servers $carol_talks $dave_talks $web $talks
down alice carol dave || true
check nothing-left eval '! on carol ip -6 addr show dev lo | grep fd62: && ! on carol ip -6 route | grep fd62: && ! on carol ip xfrm policy | grep fd62:'
