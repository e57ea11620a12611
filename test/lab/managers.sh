# keys = system: latches over SAs of strongSwans that an administrator runs at alice and bob; bob has no btnsd.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/managers-lib.sh"
. "$BTNS_REPO/test/lab/strongswan.sh"

export BTNSD_OPTS="--linger 0 --charon none"
forget_ended alice bob
a=10.77.0.1 b=10.77.0.2
at_alice() {
    swan_connection alice $a $b '*.lab' bob-vpn aes256gcm16
    swan_connection alice $a $b bob.lab bob-weak aes128gcm16
    swan_connection alice $a $b bob.psk bob-psk aes256gcm16 psk
}
at_bob() { swan_connection "$1" $b $a alice.lab alice aes256gcm16,aes128gcm16; }
up alice
wire alice start
BIND=0.0.0.0 serve bob 8000 "$www" --clear; server=$served
policy 'keys = system  connection = "bob-vpn"  child = "web"'
check system-absent refused_because "the system's IKE daemon, which manages the keys, is lost: /run/charon.vici: No such file"
at_alice | swan_start alice
{ at_bob bob; swan_connection bob $b $a alice.psk alice-psk aes256gcm16 psk; } | swan_start bob
policy 'keys = system  connection = "bob"'
check system-unconfigured refused_because 'no connection "bob" with a child "bob"'
policy 'keys = system  connection = "bob-weak"  child = "web"'
check system-weaker refused_because 'aes128gcm16, which is weaker than aes256gcm16'
swan_ctl alice --terminate --ike bob-weak >/dev/null
policy 'keys = system  connection = "bob-psk"  child = "web"  peer = "bob.psk"'
check system-secret hello
swan_ctl alice --terminate --ike bob-psk >/dev/null
policy 'keys = system  connection = "bob-vpn"  child = "web"  peer = "carol.lab"'
check system-other-peer refused_because 'the rule is for carol.lab, but the SA is bob.lab.s'
policy 'keys = system  connection = "bob-vpn"  child = "web"  peer = "bob.lab"'
check system-curl hello
check system-curl-big eval '[[ $(on alice btns-run curl -sS4 -m 200 http://bob:8000/big | sha256sum) == "$sum" ]]'
check system-esp some_esp alice
cleanup_servers $server

echo_server bob; server=$served
talker
check system-listed eval 'tell state keys peer key suite; tell state keys peer key suite | grep -F "['"'established', 'system', 'bob.lab', None, 'aes256gcm16']"'"'
check system-proof eval 'tell proof; tell proof | grep -E "public key, CA .*lab CA"'
check system-status eval 'on alice btnsctl status; on alice btnsctl status --json | grep -E "\"system\": *\"/run/charon.vici: connected\""'
say one; check system-talks eventually 5 heard 'echo one'

# rekeys, begun by either end, of the child and of the IKE SA
pins() { on alice ip xfrm policy | awk '/priority (100|2000) / { on = 1 } /spi/ && on { print $4; on = 0 }' | sort; }
before=$(pins)
swan_ctl alice --rekey --child web >/dev/null
check system-rekey-moves eventually 8 eval '[[ $(pins) != "$before" && $(pins | wc -l) == 2 ]]'
say two; check system-rekey-talks eventually 10 heard 'echo two'
before=$(pins)
swan_ctl bob --rekey --child web >/dev/null
check system-rekey-by-peer-moves eventually 8 eval '[[ $(pins) != "$before" && $(pins | wc -l) == 2 ]]'
swan_ctl alice --rekey --ike bob-vpn >/dev/null
say three; check system-rekey-by-peer-talks eventually 10 heard 'echo three'
check system-rekey-latched latch alice ESTABLISHED 'system:bob.lab'

# strongSwan killed: the latch fails, nothing passes. Started again: it brings its connection up, and the latch recovers.
swan_end alice KILL
check system-killed-fails eventually 5 latch alice FAILED
check system-killed-reason eval 'on alice btnsctl latches | grep "IKE daemon, which manages the keys, is lost"'
check system-killed-holds unheard four XfrmOutPolBlock
swan_run alice
check system-back-mends eventually 15 latch alice ESTABLISHED
check system-back-talks eventually 20 heard 'echo four'

# mallory, with a certificate of the same CA, on bob's address: his SA has the very reqid that bob's has
swan_end bob KILL
on bob ip link set eth0 down
on mallory ip addr add $b/24 dev eth0
on alice ip neigh flush all
echo_server mallory; evil=$served
at_bob mallory | swan_start mallory
swan_ctl mallory --initiate --child web --timeout 600 >"$RESULTS.d/mallory-initiates" 2>&1 || true
check system-stranger-is-there eval 'swan_ctl alice --list-sas; swan_ctl alice --list-sas | grep mallory.lab'
check system-stranger-breaks eventually 8 latch alice FAILED
check system-stranger-reason eval 'on alice btnsctl latches | grep -E "mallory.lab"'
check system-stranger-gets-nothing unheard five XfrmOutPolBlock
check system-stranger-refused refused_because 'mallory.lab|broken'
stop_talker
cleanup_servers $server $evil
wire alice stop
check system-never-clear no_clear alice 8000
down alice
for host in alice mallory; do swan_end $host TERM; done
