# BEET mode, by hand and without btnsd: carol and dave behind one router, alice their server. Each host's inner address is
# derived from its key, so that the SPD tells peers apart by key, whatever their outer addresses are. See docs/beet.md.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/strongswan.sh"
. "$BTNS_REPO/test/lab/talk.sh"

prefix=fd62:746e:7300
declare -A inner id
beet_key() {
    local raw
    mkdir -p "$swan/$1/private"
    openssl genpkey -algorithm ed25519 -out "$swan/$1/private/own.key"
    openssl pkey -in "$swan/$1/private/own.key" -pubout -out "$swan/$1.pub"
    raw=$(openssl pkey -pubin -in "$swan/$1.pub" -outform DER | tail -c 32 | od -An -tx1 | tr -d ' \n')
    id[$1]=keyid:0x$raw
    inner[$1]=$(python3 "$py/inner_address.py" $prefix "$raw")
}
# beet_connection HOST PEER NAME REMOTE OWN_SELECTOR PEER_SELECTOR: HOST's connection to the key of PEER
beet_connection() {
    printf '%s {\n version = 2\n remote_addrs = %s\n proposals = aes256gcm16-prfsha256-x25519\n' "$3" "$4"
    printf ' local {\n auth = pubkey\n pubkeys = %s\n id = %s\n }\n' "$swan/$1.pub" "${id[$1]}"
    printf ' remote {\n auth = pubkey\n pubkeys = %s\n id = %s\n }\n' "$swan/$2.pub" "${id[$2]}"
    printf ' children {\n %s {\n mode = beet\n local_ts = %s\n remote_ts = %s\n esp_proposals = aes256gcm16\n }\n }\n}\n' "$3" "$5" "$6"
}
# Without its vendor's ID charon ignores the peer's wish for BEET, and makes an SA in tunnel mode.
# beet_start HOST: with the connections on standard input
beet_start() {
    cat >"$swan/$1.strongswan.conf" <<CONF
charon {
  load = random nonce openssl kdf pem pkcs1 pkcs8 x509 pubkey constraints kernel-netlink socket-default vici
  install_routes = no
  send_vendor_id = yes
  retransmit_tries = 20
  retransmit_timeout = 1
  retransmit_base = 1.1
  filelog { stderr { default = 1 } }
  plugins { vici { socket = unix:///run/charon.vici } }
}
CONF
    { echo 'connections {'; cat; echo '}'; } >"$swan/$1/swanctl.conf"
    swan_run "$1"
}
initiate() { swan_ctl "$1" --initiate --child "$2" --timeout 170; }
# talk HOST ADDRESS: without btns; pid in $started
talk() {
    : >"$scratch/talk-$1"
    on "$1" python3 "$py/talk.py" "$2" 7000 >"$scratch/talk-$1" & started=$!
}
answered() { eventually 20 test -s "$scratch/talk-$1" && not says ended "$scratch/talk-$1"; }
peers_at_alice() { on alice ss -Htn state established 'sport = :7000'; }
has_state() { on "$1" ip -o xfrm state | grep -w -- "$2"; }
stranger() { on mallory ip -6 route replace "${inner[alice]}" via fd77::1 src "$1"; }

for host in alice carol dave mallory; do
    beet_key $host
    on $host sh -c 'for i in all lo eth0; do echo 0 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done'
done
for host in alice carol dave; do
    on $host ip -6 addr add "${inner[$host]}/128" dev lo nodad
    on $host ip -6 route add $prefix::/48 dev eth0 src "${inner[$host]}"
done
for host in carol mallory; do on mallory ip -6 addr add "${inner[$host]}/128" dev eth0 nodad; done
on alice python3 "$py/talk_server.py" 7000 :: & server=$!
eventually 10 port_open alice 7000

# ---- without IPsec, mallory is served at carol's inner address (control: the path exists) ----
stranger "${inner[carol]}"
talk mallory "${inner[alice]}"; mallory_talks=$started
check native-control answered mallory
cleanup_servers $mallory_talks

# ---- carol and dave, at once, at the same port of alice ----
to="${inner[alice]}/128[tcp/7000]"
for host in carol dave; do beet_connection alice $host $host %any "$to" "${inner[$host]}/128[tcp]"; done | beet_start alice
beet_connection carol alice alice 10.77.0.1 "${inner[carol]}/128[tcp]" "$to" | beet_start carol
{
    beet_connection dave alice alice 10.77.0.1 "${inner[dave]}/128[tcp]" "$to"
    beet_connection dave alice theft 10.77.0.1 "${inner[carol]}/128[tcp]" "$to"
} | beet_start dave
on alice ip xfrm policy add src $prefix::/48 dst "${inner[alice]}/128" dir in action block priority 1000000
check floor-stops-strangers eval 'stranger "${inner[mallory]}"; drops alice on mallory python3 "$py/talk.py" "${inner[alice]}" 7000'
wire nat start
check up eval 'initiate carol alice && initiate dave alice'
talk carol "${inner[alice]}"; carol_talks=$started
talk dave "${inner[alice]}"; dave_talks=$started
check both-answered eval 'answered carol && answered dave && talk_goes_on carol'
check told-apart eval 'peers_at_alice | tee /dev/stderr | grep -cE "\[(${inner[carol]}|${inner[dave]})\]:" | grep -x 2'
one_outer() {
    local n
    n=$(on alice ip -o xfrm state | tee /dev/stderr |
        grep -cE 'src 10\.77\.0\.1 dst 10\.77\.0\.77\b.*mode beet.*encap type espinudp')
    ((n == 2))
}
check one-outer-address one_outer
check mss eval 'mss=$(on carol ss -Htin "dport = :7000" | grep -o " mss:[0-9]*"); echo "$mss"; ((${mss#*:} > 1200 && ${mss#*:} < 1428))'
# The size of a segment of 1,000 octets on the wire: its ESP packet, in UDP. Tunnel mode has an IPv6 header of 40 octets
# more.
long_segment() { on carol python3 "$py/send_segment.py" "${inner[alice]}" 7000 1000; }
longest_esp() { tcpdump -nnr "$(wire nat file)" 2>/dev/null | sed -n 's/.* ESP(.*, length \([0-9]*\)$/\1/p' | sort -n | tail -n 1; }
packet() {
    local esp
    long_segment
    eventually 20 eval '(($(longest_esp) > 1000))' || return 1
    esp=$(longest_esp)
    echo "1000 octets of TCP: $esp octets of ESP, $((esp + 8 + 20)) with UDP and IPv4"
    ((esp < 1000 + 60 + 40)) # with TCP's options; the wire adds ESP's own 34 to 37
}
check packet packet
check clear-with-carols-address eval 'stranger "${inner[carol]}"; drops alice on mallory python3 "$py/talk.py" "${inner[alice]}" 7000'

# ---- dave's key gets no SA for carol's inner address ----
check theft-refused eval '! initiate dave theft && grep "TS_UNACCEPTABLE" "$RESULTS.d/charon-dave"'
check theft-changes-nothing eval 'talk_goes_on carol && talk_goes_on dave'

# ---- carol moves under her connection (RFC 4555) ----
on carol sh -c 'ip addr add 192.168.77.12/24 dev eth0; ip addr del 192.168.77.2/24 dev eth0; ip route replace default via 192.168.77.1'
check moved eventually 30 eval 'has_state carol "src 192.168.77.12 dst 10.77.0.1" && ! has_state carol "192\.168\.77\.2"'
check old-address-gone eval '! on carol ip -4 addr show dev eth0 | grep -F 192.168.77.2/'
check goes-on eval 'talk_goes_on carol && talk_goes_on dave'
check wire-has-no-clear eval 'wire nat stop; no_clear nat 7000 && some_esp nat'
cleanup_servers $carol_talks $dave_talks $server
for host in alice carol dave; do swan_end $host TERM; done
