# The profile mode = beet: carol and dave, behind one router, at one port of alice's, each latched to its own key.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/talk.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from alice" >"$www/index.html"
declare -A inner
# inner_rules HOST IDENTITY [SECONDS [POINTS]]: in BEET mode it protects its connections and its callers, whose identity must be this
inner_rules() {
    put_policy "$1" <<RULES
format = 1
profile "inner" { mode = beet  identity = $2  timeout = ${3-60} }
program "every" {
  match = { "*" }
  rule "inner" { at = { ${4-connect, accept} }  action = protect  profile = "inner" }
}
RULES
}
inner_of() { on "$1" ip -6 -o addr show dev lo | grep -o 'fd62:746e:7300:[0-9a-f:]*'; }
for host in alice carol dave mallory; do
    on $host sh -c 'for i in all lo eth0; do echo 0 >/proc/sys/net/ipv6/conf/$i/disable_ipv6; done'
done
inner_rules alice any-key
for host in carol mallory; do inner_rules $host known-key; done
inner_rules dave known-key 60 connect
export BTNSD_OPTS="--linger 1"
up alice carol dave
for host in alice carol dave; do inner[$host]=$(inner_of $host); done
serve alice 8000 "$www"; web=$served
on alice btns-run python3 "$py/talk_server.py" 7000 :: & talks=$!
eventually 10 port_open alice 7000
fetch() { on "$1" btns-run curl -sS -m 200 "http://[${inner[alice]}]:8000/"; }
fetches() { [[ $(fetch "$1") == "hello from alice" ]]; }
# refused HOST PATTERN COMMAND...: COMMAND fails there, and says the pattern
refused() {
    local host=$1 pattern=$2
    shift 2
    ! on "$host" "$@" >"$scratch/refused" 2>&1 && cat "$scratch/refused" && says "$pattern" "$scratch/refused"
}
swan() { on "$1" swanctl "${@:2}" --uri unix:///run/btns/ike/charon.vici; }

# ---- an inner address whose key nobody knows here; then the administrator says whose it is ----
check unknown-refused refused carol "no known peer has the key of this inner address: btnsctl peers pin" \
    btns-run curl -sS "http://[${inner[alice]}]:8000/"
for host in carol dave; do on $host btnsctl peers pin "$(key alice)" 10.77.0.1 alice; done
check explained eval 'on carol btnsctl explain /usr/bin/curl "[${inner[alice]}]:8000" | tee "$scratch/explained"; says "profile .inner.: esp beet aes256gcm16" "$scratch/explained"'
check explained-accept eval 'on alice btnsctl explain --accept /usr/bin/python3 "[${inner[carol]}]:7000" | tee "$scratch/explained"; says "esp beet aes256gcm16" "$scratch/explained"'
check itself eval '[[ $(on alice btns-run curl -sS -m 200 "http://[${inner[alice]}]:8000/") == "hello from alice" ]]'

# ---- both at once, at the same ports; the control: the path exists, mallory reaches carol's ----
wire nat start
wire mallory start
check fetch-both eval 'fetches carol && fetches dave'
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
# Alice may ask for a service of carol's, whose rule says accept, and for none of dave's.
opened() { swan "$1" --list-conns 2>/dev/null | grep -E '^ *in[a-z0-9-]*: *BEET'; }
check closed-without-a-rule eval 'opened carol && ! opened dave'

# ---- rekeys, asked for at either end ----
child_of() { swan "$1" --list-sas 2>/dev/null | awk -v name="$2" '$1 ~ "^" name && /INSTALLED/ { sub(":", "", $1); print $1; exit }'; }
rekey() { swan "$1" --rekey --child "$2" >"$scratch/rekey" 2>&1 && cat "$scratch/rekey" >>"$scratch/rekey.log"; }
carols=$(child_of carol tcp-7000) alices=$(child_of alice in)
eventually 10 rekey carol "$carols"
eventually 10 rekey alice "$alices"
check rekeyed eval 'cat "$scratch/rekey.log"; (($(grep -c "rekey completed successfully" "$scratch/rekey.log") >= 2)) && talk_goes_on carol && talk_goes_on dave'

# ---- somebody deletes all SAs, where the mirrors are ----
on alice ip xfrm state flush
check sad-flushed eval 'talk_goes_on carol && talk_goes_on dave && says "flushed the SAD" "$BTNS_LAB/alice.log"'

# ---- clear packets from an inner address, or to one; and programs that ask for clear traffic ----
on mallory ip -6 addr add "${inner[carol]}/128" dev eth0 nodad
on mallory ip -6 route replace "${inner[alice]}" via fd77::1 src "${inner[carol]}"
check clear-in-dropped eval 'drops alice on mallory python3 "$py/talk.py" "${inner[alice]}" 7000'
on mallory ip -6 addr del "${inner[carol]}/128" dev eth0
on mallory ip -6 route del "${inner[alice]}"
check clear-out-refused eval '! on carol python3 "$py/talk.py" "${inner[alice]}" 7001'
check bypass-refused refused carol "nothing goes in the clear to an inner address" btns-run --bypass curl -sS "http://[${inner[alice]}]:8000/"
check udp-refused refused carol "BEET mode, which protects TCP only" btns-run --require python3 -c 'import socket, sys; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).connect((sys.argv[1], 9))' "${inner[alice]}"

# ---- another key: mallory has one that alice lets in, and asks for what carol has ----
up mallory
inner[mallory]=$(inner_of mallory)
on mallory btnsctl peers pin "$(key alice)" 10.77.0.1 alice
check own-key-let-in fetches mallory
pem_of() { { printf '302a300506032b6570032100' | xxd -r -p; key "$1" | cut -d: -f2 | base64 -d; } | base64 | sed '1i-----BEGIN PUBLIC KEY-----' | sed '$a-----END PUBLIC KEY-----'; }
for host in alice mallory; do pem_of $host >"$scratch/$host.pem"; done
# theft NAME ID SELECTOR: mallory's connection of that name to alice, as the peer ID, for packets from SELECTOR
theft() {
    printf 'connections {\n%s {\n version = 2\n remote_addrs = 10.77.0.1\n proposals = aes256gcm16-prfsha256-x25519\n' "$1"
    printf ' local {\n auth = pubkey\n pubkeys = %s\n id = %s\n }\n' "$scratch/mallory.pem" "$2"
    printf ' remote {\n auth = pubkey\n pubkeys = %s\n id = %s\n }\n' "$scratch/alice.pem" "${inner[alice]}"
    printf ' children {\n %s {\n mode = beet\n local_ts = %s/128[6]\n remote_ts = %s/128[6/7000]\n esp_proposals = aes256gcm16\n }\n }\n}\n}\n' \
        "$1" "$3" "${inner[alice]}"
}
# stolen NAME ID SELECTOR: she gets the SA
stolen() {
    theft "$@" >"$scratch/theft.conf"
    swan mallory --load-conns --file "$scratch/theft.conf" && swan mallory --initiate --child "$1" --timeout 60
}
check theft-control stolen control "${inner[mallory]}" "${inner[mallory]}"
check theft-of-address eval '! stolen address "${inner[mallory]}" "${inner[carol]}" >"$scratch/theft" 2>&1; cat "$scratch/theft"; says "TS_UNACCEPTABLE" "$scratch/theft"'
check theft-of-identity eval '! stolen identity "${inner[carol]}" "${inner[carol]}" >"$scratch/theft" 2>&1; cat "$scratch/theft"; says "AUTHENTICATION_FAILED" "$scratch/theft"'
check theft-changes-nothing eval 'latched_to carol && talk_goes_on carol && talk_goes_on dave'

# ---- carol moves under her connection (RFC 4555) ----
on carol sh -c 'ip addr add 192.168.77.12/24 dev eth0; ip addr del 192.168.77.2/24 dev eth0; ip route replace default via 192.168.77.1'
has_state() { on "$1" ip -o xfrm state | grep -w -- "$2"; }
check moved eventually 30 eval 'has_state carol "src 192.168.77.12 dst 10.77.0.1" && ! has_state carol "192\.168\.77\.2"'
check goes-on eval 'talk_goes_on carol && talk_goes_on dave'
check same-latch latched_to carol

# ---- the router gets another address ----
on nat sh -c 'ip addr add 10.77.0.78/24 dev eth0; ip addr del 10.77.0.77/24 dev eth0' || true
check router-moved eval 'talk_goes_on carol && talk_goes_on dave'

# ---- btnsd is killed under the connections, at either end ----
kill_btnsd carol
up carol
check client-restarted eval 'talk_goes_on carol && latched_to carol'
down carol
up carol
check client-stopped eval 'talk_goes_on carol && latched_to carol'
kill_btnsd alice
up alice
check server-restarted eval 'talk_goes_on carol && talk_goes_on dave && latched_to carol && latched_to dave'

# ---- the rules change: only carol may come; then her own rule is removed, and put back ----
inner_rules alice "named  permit = { \"$(key carol)\" }" && on alice btnsctl reload
inner_rules dave known-key 10 connect && on dave btnsctl reload # it waits in vain from now on
check not-permitted eventually 40 latch alice "FAILED" "\[${inner[dave]}\]"
check permitted eval 'talk_goes_on carol && latched_to carol && fetches carol && ! fetch dave'
# The name stands for a key: alice is pinned to the address of another host, and that host's key is not accepted
# instead.
inner_rules alice any-key && on alice btnsctl reload
on dave btnsctl forget "$(key alice)" && on dave btnsctl peers pin "$(key alice)" 10.77.0.3 alice
check wrong-key-refused eval '! fetch dave && no_clear mallory 8000'
drop_policy carol
check rule-gone eval 'eventually 40 latch carol "FAILED|CLOSED" && refused carol "this host has none: no rule here has a profile" btns-run curl -sS "http://[${inner[alice]}]:8000/"'
check rule-back eval 'inner_rules carol known-key && on carol btnsctl reload && fetches carol && talk_goes_on carol'
kill_btnsd carol
drop_policy carol 2>/dev/null || true
up carol
check rule-gone-over-kill eventually 30 eval 'on carol btnsctl latches | grep -F "no inner address"'
check rule-back-after-kill eval 'inner_rules carol known-key && on carol btnsctl reload && talk_goes_on carol'

for host in alice carol dave; do cp "$BTNS_LAB/$host.log" "$RESULTS.d/$host-log" || true; on $host ip xfrm policy >"$RESULTS.d/$host-spd"; done
check wire-has-no-clear eval 'wire nat stop; no_clear nat 7000 && no_clear nat 8000 && some_esp nat'
cleanup_servers $carol_talks $dave_talks $web $talks
down alice carol dave mallory || true
check nothing-left eval '! on carol ip -6 addr show dev lo | grep fd62: && ! on carol ip -6 route | grep fd62: && ! on carol ip xfrm policy | grep fd62:746e:7300::/48'
