# NAT: carol and dave are clients behind the router; alice, bob and mallory are in front of it.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/talk.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
fetch() { on "$1" btns-run curl -sS4 -m 200 http://bob:8000/; }

# ---- the layout ----
check lab-out eval 'on carol ping -c 1 -W 60 bob && on dave ping -c 1 -W 60 bob'
check lab-not-in eval '! on bob ping -c 1 -W 1 192.168.77.2'
check lab-names eval '[[ $(on carol getent ahostsv4 carol nat bob | awk "/STREAM/ { print \$1 }" | tr "\n" " ") == "192.168.77.2 10.77.0.77 10.77.0.2 " ]]'
on bob python3 "$py/receive_one.py" 10.77.0.2 5555 >"$scratch/from" & listener=$!
eventually 10 says ready "$scratch/from" >/dev/null
# A datagram may be lost; then another goes.
heard_from() { on carol bash -c 'echo hi >/dev/udp/10.77.0.2/5555'; [[ ! -d /proc/$listener ]]; }
eventually 10 heard_from
wait $listener
check lab-translated eval 'cat "$scratch/from"; says "^10.77.0.77 2[0-9]{4}$" "$scratch/from"'

# ---- a client behind the router ----
export BTNSD_OPTS="--linger 1"
forget_ended alice bob carol dave
patient alice bob carol dave
up alice bob carol dave
serve bob 8000 "$www"; server=$served
talk_serve bob 7000; talks=$served
wire carol start
wire bob start
check client-fetches eval '[[ $(fetch carol) == "hello from bob" ]]'
talk_start carol 10.77.0.2 7000; talker=$started

nat_of() { on "$1" btnsctl latches --json | python3 "$py/nat_of.py" 7000; } # nat_of HOST: of its latch of port 7000, as JSON
nat_is() { nat_of "$1" | holds "$2"; } # nat_is HOST CONDITION: of v, that JSON
encap_of() { on bob ip -o xfrm state | grep -o 'sport 7000 .*\|encap type espinudp sport 4500 dport [0-9]*' | grep -o 'dport 2[0-9]*' | sort -u; }
check mark-at-server latch bob ESTABLISHED '10.77.0.77:[0-9]+\(nat\)'
check mark-at-client latch carol ESTABLISHED '192.168.77.2:[0-9]+\(nat\) '
check told-at-server nat_is bob 'v["remote"] and not v["local"] and v["remote_outer"] == "10.77.0.77" and v["encapsulation_local_port"] == 4500'
check told-at-client nat_is carol 'v["local"] and not v["remote"] and v["remote_outer"] is None and v["encapsulation_remote_port"] == 4500'
port_told() { nat_of bob | grep -o '"encapsulation_remote_port": 2[0-9]*' | grep -o '2[0-9]*$'; }
check ports-are-the-kernels eval 'encap_of; port_told; encap_of | grep -qx "dport $(port_told)"'

# ---- a second client: to bob, another key at the first one's address ----
check second-refused eval '! fetch dave'
check second-logged eventually 5 says "10.77.0.77 now claims .* but connections with it are latched to" "$BTNS_LAB/bob.log"
check first-goes-on talk_goes_on carol

# ---- rekeys ----
swan() { on "$1" swanctl "${@:2}" --uri unix:///run/btns/ike/charon.vici; }
child=$(swan carol --list-sas 2>/dev/null | awk '/tcp-7000.*INSTALLED/ { sub(":", "", $1); print $1; exit }')
bobs=$(swan bob --list-sas 2>/dev/null | awk '/^ *in.*INSTALLED/ { sub(":", "", $1); print $1; exit }')
before=$(talk_segments bob carol)
rekey() { swan "$1" --rekey --child "$2" >"$scratch/rekey" 2>&1 && cat "$scratch/rekey" >>"$scratch/rekey.log"; }
for _ in 1 2 3; do # while one is under way another is refused
    eventually 10 rekey carol "$child"
    eventually 10 rekey bob "$bobs"
done
check rekeyed eval 'cat "$scratch/rekey.log"; (($(grep -c "rekey completed successfully" "$scratch/rekey.log") >= 6))'
check rekey-loses-nothing eval 'talk_goes_on carol && after=$(talk_segments bob carol) && echo "$after was $before" && [[ $after == "$before" ]]'

# ---- the router's mappings are lost, and made anew ----
port=$(port_told)
on nat ip link set eth0 down
on nat ip link set eth0 up
check port-has-changed eventually 30 eval '[[ $(port_told) != "$port" ]]'
check port-latch-goes-on talk_goes_on carol
check port-is-told eval 'encap_of; port_told; encap_of | grep -qx "dport $(port_told)"; latch bob ESTABLISHED "10.77.0.77:[0-9]+\(nat\)"'

# ---- SAs by hand, with the latch's reqid but weaker ----
reqid=$(on bob btnsctl latches --json | python3 "$py/reqid_of.py" 7000)
weak=(auth 'hmac(sha256)' 0x"$(printf '11%.0s' {1..32})" enc 'ecb(cipher_null)' '')
weak_sa() { on bob ip xfrm state add src "$1" dst "$2" proto esp spi "$3" reqid "$reqid" mode transport replay-window 32 "${weak[@]}"; }
weak_sa 10.77.0.77 10.77.0.2 0x1234567
weak_told() { (($(grep -c "latch-broken: .*10.77.0.77.*(weaker-sa).*ecb(cipher_null) and hmac(sha256)" "$BTNS_LAB/bob.log") == $1)); }
check weak-in-breaks eventually 10 weak_told 1
check weak-is-gone eval '! on bob ip -o xfrm state | grep -i 0x01234567'
check weak-recovers eventually 40 latch bob ESTABLISHED '10.77.0.77:[0-9]+\(nat\)'
weak_sa 10.77.0.2 10.77.0.77 0x1234568
check weak-out-breaks eventually 10 weak_told 2
eventually 40 latch bob ESTABLISHED '10.77.0.77:[0-9]+\(nat\)' >/dev/null

# ---- the router gets another address: to bob, carol is elsewhere ----
on nat ip addr del 10.77.0.77/24 dev eth0
on nat ip addr add 10.77.0.78/24 dev eth0
check move-breaks eventually 20 eval 'on bob btnsctl latches | grep -A1 "FAILED (BROKEN)" | grep "peer.s address has changed from 10.77.0.77 to 10.77.0.78"'
check move-client-anew eventually 40 talk_ended carol
wait $talker || true
check move-nothing-there eval '[[ $(fetch carol) == "hello from bob" ]] && on bob btnsctl peers | grep "10.77.0.78" | grep "$(key carol)"'

# ---- the router gets the address of alice, who is latched ----
quiet() { eventually 20 nothing_left "$1" >/dev/null; }
quiet carol
talk_start carol 10.77.0.2 7000; talker=$started
check owner-fetches eval '[[ $(fetch alice) == "hello from bob" ]]'
talk_start alice 10.77.0.2 7000; owner=$started
on alice ip link set eth0 down
on nat ip addr del 10.77.0.78/24 dev eth0
on nat ip addr add 10.77.0.1/24 dev eth0
on bob ip neigh flush all
check theft-refused eventually 20 eval 'on bob btnsctl latches | grep -A1 "FAILED (BROKEN)" | grep "peer.s address has changed from 10.77.0.78 to 10.77.0.1"'
eventually 40 says 'peer-refused: 10.77.0.1 .*, but connections with it are latched to' "$BTNS_LAB/bob.log"
check theft-no-sa eval 'on bob ip -o xfrm state | grep "10.77.0.1\b" | cut -c1-150; [[ $(on bob ip -o xfrm state | grep "10.77.0.1\b" | grep -c encap) == 0 ]]'
on nat ip addr del 10.77.0.1/24 dev eth0
on alice ip link set eth0 up
on bob ip neigh flush all
check theft-owner-back talk_goes_on alice
kill $talker $owner; wait $talker $owner 2>/dev/null || true
wire carol stop
wire bob stop
check client-wire-inside eval 'wire carol report; no_clear carol 8000 && no_clear carol 7000 && some_esp carol'
check client-wire-outside eval 'wire bob report; no_clear bob 8000 && no_clear bob 7000 && some_esp bob'

cleanup_servers $server $talks
