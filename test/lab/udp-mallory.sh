# Attacks on datagrams: clear ones with exact numbers, another host's source address under mallory's own SA, replays,
# addresses taken over, and very many addresses that no host has.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/udp-lib.sh"

for host in alice bob mallory; do
    put_policy "$host" 09-known.conf <<'RULES'
format = 1
profile "known" { identity = known-key  timeout = 60 }
program "known" {
  match = { "*" }
  rule "known" { at = { connect, accept }  protocol = udp  port = { "5330-5339" }  action = protect  profile = "known" }
  rule "rather" { at = { connect }  protocol = udp  port = { 5600 }  action = prefer }
}
RULES
done
for host in alice bob; do on "$host" btnsctl reload; done
policy=$(cat "/proc/$(<"$BTNS_LAB/hosts/bob.pid")/root/etc/btns/policy.d/10-udp.conf")
put_policy mallory 10-udp.conf <<<"$policy"
patient mallory
up mallory
mallory_does() { on mallory python3 "$py/udp_attacks.py" "$@"; }
by_mallory() { on mallory btns-run python3 "$py/datagrams.py" "$@"; }

answers bob 5301 btns-run
answers bob 5330 btns-run
answers bob 5305
# talks NAME ADDRESS PORT [connected]: alice asks and asks, from one socket
talks() {
    on alice btns-run python3 "$py/datagrams.py" talk "${@:2}" >"$scratch/$1" 2>&1 & servers+=($!)
    eventually 30 says 'answer to talk' "$scratch/$1"
}
port_of() { awk '/^from port/ { print $3 }' "$scratch/$1"; }
answered() { grep -c 'answer to talk' "$scratch/$1" || true; }
more() { local n; n=$(answered "$1"); eventually 60 eval "((\$(answered $1) > $n + 2))"; }
heard() { grep -h "got $2" "$scratch/serves-bob-$1"; } # heard PORT TEXT: bob's server there
check talks eval 'talks talk 10.77.0.2 5301 && talks talk-6 fd77::2 5301 connected && talks known 10.77.0.2 5330 && talks mirror 10.77.0.2 5305'

# ---- in the clear, with the addresses and ports of a flow that is protected ----
# drops_of HOST COMMAND...: HOST's kernel drops what COMMAND sends. More may be dropped; what counts is who hears it.
drops_of() {
    local before
    before=$(dropped_at "$1")
    "${@:2}"
    eventually 30 eval "((\$(dropped_at $1) > $before))"
}
check clear-to-server drops_of bob mallory_does forge 10.77.0.1 "$(port_of talk)" 10.77.0.2 5301 INJECTED
check clear-to-server-6 drops_of bob mallory_does forge fd77::1 "$(port_of talk-6)" fd77::2 5301 INJECTED
check clear-to-mirror drops_of bob mallory_does forge 10.77.0.1 "$(port_of mirror)" 10.77.0.2 5305 INJECTED
check clear-to-client drops_of alice mallory_does forge 10.77.0.2 5301 10.77.0.1 "$(port_of talk)" INJECTED
check clear-to-client-6 drops_of alice mallory_does forge fd77::2 5301 fd77::1 "$(port_of talk-6)" INJECTED
check clear-to-client-of-mirror drops_of alice mallory_does forge 10.77.0.2 5305 10.77.0.1 "$(port_of mirror)" INJECTED

# ---- an SA of his own ----
# keeps ADDRESS: mallory has a permitted talk with bob of his own, so that his SA stays
own=()
keeps() {
    on mallory btns-run python3 "$py/datagrams.py" talk "$1" 5301 >"$scratch/own-$1" 2>&1 & own+=($!)
    eventually 30 says 'answer to talk' "$scratch/own-$1"
}
check has-an-sa eval 'keeps 10.77.0.2 && keeps fd77::2'
on mallory sysctl -qw net.ipv4.conf.all.arp_ignore=1
printf '%s\n' 'addr add 10.77.0.1/32 dev lo' 'addr add fd77::1/128 dev lo nodad' | on mallory ip -batch -
mallory_btnsd=$(pid_of mallory pid)
kill -STOP "$mallory_btnsd" # a running btnsd would repair the following changes
# sends_as SOURCE OWN TO STEP TEXT: by his SA from OWN to TO, under that source address, with sequence numbers from STEP on
sends_as() {
    local source=$1 own=$2 to=$3 step=$4 text=$5 sa spi key esn=
    sa=$(on mallory ip -o xfrm state | grep -E "^src ($own|$source) dst $to\\\\" | grep -vE 'spi 0x00000000|proto (ipv6-)?icmp ' | head -1)
    [[ -n $sa ]] || { echo "no SA from $own to $to"; return 1; }
    spi=$(grep -oE 'spi 0x[0-9a-f]+' <<<"$sa") key=$(grep -oE 'aead [^ ]+ 0x[0-9a-f]+ 128' <<<"$sa")
    [[ $sa != *esn* ]] || esn='flag esn'
    # First, so that what he sends meanwhile makes no larval SA of this SPI.
    on mallory ip xfrm policy update src "$source" dst "$to" proto udp dport 5301 dir out priority 1 tmpl proto esp reqid 7 mode transport
    on mallory ip xfrm state delete src "$(cut -d ' ' -f 2 <<<"$sa")" dst "$to" proto esp $spi
    # shellcheck disable=SC2086
    on mallory ip xfrm state add src "$source" dst "$to" proto esp $spi reqid 7 mode transport $key $esn replay-window 32 replay-oseq "$step"
    on mallory python3 "$py/datagrams.py" from "$source" "$to" 5301 "$text" >/dev/null 2>&1 & asks=$!
}
# own_source FAMILY OWN TO: under his own address it arrives. her_source FAMILY OWN TO HERS: under alice's it is dropped.
own_source() {
    local status=0
    sends_as "$2" "$2" "$3" 1000 "own $1" || return 1
    eventually 10 heard 5301 "own $1" || status=$?
    cleanup_servers $asks
    return $status
}
her_source() {
    local before status=0
    before=$(dropped_at bob)
    sends_as "$4" "$2" "$3" 2000 "INJECTED under her address" || return 1
    eventually 30 eval "((\$(dropped_at bob) > $before))" || status=$?
    cleanup_servers $asks
    return $status
}
check own-source own_source four 10.77.0.66 10.77.0.2
check own-source-6 own_source six fd77::66 fd77::2
check her-source her_source four 10.77.0.66 10.77.0.2 10.77.0.1
check her-source-6 her_source six fd77::66 fd77::2 fd77::1
printf '%s\n' 'addr del 10.77.0.1/32 dev lo' 'addr del fd77::1/128 dev lo' 'xfrm state flush' 'xfrm policy flush' | on mallory ip -batch -
kill -CONT "$mallory_btnsd"
cleanup_servers "${own[@]}"

# ---- replays of captured packets ----
replays() {
    local before n
    before=$(counted bob XfrmInStateSeqError)
    mallory_does replay "$scratch/bob.pcap" "$1" >"$scratch/replayed"
    cat "$scratch/replayed"
    read -r n _ <"$scratch/replayed"
    ((n > 10)) && eventually 30 eval "((\$(counted bob XfrmInStateSeqError) > $before))"
}
check replayed replays 10.77.0.2
check replayed-6 replays fd77::2
check goes-on eval 'more talk && more talk-6 && more mirror'
# Only alice talks to these two servers, once each.
none_twice() { ! grep 'got talk' "$scratch/serves-bob-$1" | sort | uniq -d | grep .; }
check heard-once eval 'none_twice 5305 && none_twice 5330'

# ---- very many addresses that no host has ---- To a protected server: it gets none of them, and btnsd is not asked. To
# a server in the clear that answers, and whose rule prefers protected answers: btnsd looks for each address.
answers bob 5500 btns-run
before=$(rss bob)
most=0
watched() { local n; n=$(on bob ip -o xfrm policy | wc -l); ((n <= most)) || most=$n; }
mallory_does crowd fd77::dead: 1500 4000 fd77::2 5301 INJECTED
watched
floor=$most
for part in 1 2 3; do mallory_does crowd "fd77::$part:" 500 5600 fd77::2 5500 "crowd $part"; watched; done
# The socket's own buffer may be full of the ones before: he sends until one is heard.
heard_at_last() { mallory_does crowd 10.77.0.1 60 5600 10.77.0.2 5500 crowd-4; heard 5500 crowd-4; }
check crowd-heard eventually 60 heard_at_last
watched
check crowd-floor eval 'echo "$floor"; ((floor < 100))'
check crowd-real-peer eval 'answers bob 5302 btns-run; ask 10.77.0.2 5302 | grep answer'
watched
check crowd-bounded eval 'echo "entries: $most; kB: $before, $(rss bob)"; ((most < 8000 && $(rss bob) < before + 8192))'
check crowd-over eventually 60 eval '(($(on bob ip -o xfrm policy | wc -l) < 100))'

# ---- mallory takes bob's address, then alice's ----
take() { # take HOST IPV4 IPV6: it is off the switch, and mallory has its addresses
    on "$1" ip link set eth0 down
    printf '%s\n' "addr add $2/24 dev eth0" "addr add $3/64 dev eth0 nodad" | on mallory ip -batch -
    for host in alice bob mallory; do on "$host" ip neigh flush all; done
}
give_back() {
    printf '%s\n' "addr del $2/24 dev eth0" "addr del $3/64 dev eth0" | on mallory ip -batch -
    on "$1" ip link set eth0 up
    on "$1" ip -6 addr add "$3/64" dev eth0 nodad 2>/dev/null || true
    for host in alice bob mallory; do on "$host" ip neigh flush all; done
}
for port in 5301 5305 5330; do answers mallory "$port"; done
take bob 10.77.0.2 fd77::2
check taken-fails eval 'eventually 60 latch alice FAILED "10.77.0.2:5301"'
check taken-says-who eval 'on alice btnsctl latches | tee /dev/stderr | grep -F "now claims $(key mallory)"'
check taken-known eventually 60 says EPERM "$scratch/known"
# A later refusal does not end the latch: after the guard's end, the same socket could be latched to mallory's key.
refused() { grep -c EPERM "$scratch/talk"; }
more_refused() { local n; n=$(refused); eventually 60 eval "((\$(refused) > $n + 5))"; }
check taken-stays-broken eval 'more_refused && latch alice "FAILED \(BROKEN\)" "10.77.0.2:5301"'
give_back bob 10.77.0.2 fd77::2
check taken-nothing-heard eval '! grep -h "got" "$scratch/serves-mallory-"*'
check back eval 'more talk && more talk-6 && more known'
take alice 10.77.0.1 fd77::1
as_alice=0
by_mallory from 10.77.0.1 10.77.0.2 5330 INJECTED >"$scratch/as-alice" 2>&1 || as_alice=$?
check as-alice-refused eval 'cat "$scratch/as-alice"; ((as_alice)) && ! says "^answer to" "$scratch/as-alice"'
give_back alice 10.77.0.1 fd77::1
check back-again eval 'more talk && more talk-6 && more known'

cleanup_servers "${captures[@]}"
check none-heard eval '! grep -h INJECTED "$scratch/serves-bob-"* "$scratch/talk" "$scratch/talk-6" "$scratch/mirror" "$scratch/known"'
check none-clear-alice none_clear alice 'src host (10.77.0.1 or fd77::1) and portrange 5300-5389'
check none-clear-bob none_clear bob 'src host (10.77.0.2 or fd77::2) and portrange 5300-5389'
cleanup_servers "${servers[@]}"
