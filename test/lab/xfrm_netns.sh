# The parts of btnsd/xfrm that need no ESP, in an empty network namespace of the running kernel.
. "$BTNS_REPO/test/lab/lib.sh"

tool=$BTNS_BUILD/unit/xfrm/tool
tcp=$BTNS_REPO/test/lab/py/xfrm_tcp.py
started=()
trap 'kill "${started[@]}" 2>/dev/null; rm -rf "$scratch"' EXIT

make_network() {
    ip link set lo up
    ip link add eth0 type veth peer name eth1
    ip link set eth0 up
    ip link set eth1 up
    ip addr add 10.77.0.1/24 dev eth0
    ip -6 addr add fd77::1/64 dev eth0 nodad
    ip route add unreachable 10.9.0.0/16
    ip route add prohibit 10.8.0.0/16
    ip route add default via 10.77.0.254
    ip -6 route add unreachable fd09::/16
    ip -6 route add 2001:db8::/32 via fd77::ff src fd77::1
    # No host has these addresses, but connect() must not fail for that reason meanwhile.
    ip neigh add 10.77.0.200 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
    ip neigh add fd77::200 lladdr 02:00:00:00:00:01 dev eth0 nud permanent
    ip addr add 10.99.0.1/32 dev lo
    ip route add 10.5.0.0/16 dev eth0 src 10.99.0.1 table 7
    ip rule add fwmark 7 table 7
}

# --- Entries as `ip` shows them
entries_as_ip_shows_them() {
    ip xfrm policy flush
    "$tool" set out 10.77.0.1 10.77.0.2,8000 100 esp 4001 0xc0ffee01
    diff <(ip xfrm policy) - <<'POLICY' || return 1
src 10.77.0.1/32 dst 10.77.0.2/32 proto tcp dport 8000 
	dir out priority 100 ptype main 
	tmpl src 0.0.0.0 dst 0.0.0.0
		proto esp spi 0xc0ffee01 reqid 4001 mode transport
POLICY
    ip xfrm policy flush
    "$tool" set in fd77::1,22 fd77:1::/48 60003 block
    diff <(ip xfrm policy) - <<'POLICY' || return 1
src fd77:1::/48 dst fd77::1/128 proto tcp dport 22 
	dir in action block priority 60003 ptype main 
POLICY
    ip xfrm policy flush
    "$tool" set in 0.0.0.0/0 10.77.0.9/24,80 1 allow
    diff <(ip xfrm policy) - <<'POLICY'
src 10.77.0.0/24 dst 0.0.0.0/0 proto tcp sport 80 
	dir in priority 1 ptype main 
POLICY
}

# The whole entry, as the kernel reports it back
template_in_full() {
    ip xfrm policy flush
    "$tool" set out fd77::1 fd77::2,8000 100 esp 4001
    ip -s xfrm policy >"$scratch/full"
    cat "$scratch/full"
    grep -q "uid $((0x62740000 + 100))\$" "$scratch/full" && grep -q 'level required share any' "$scratch/full" &&
        grep -q 'enc-mask ffffffff auth-mask ffffffff comp-mask ffffffff' "$scratch/full" &&
        grep -q 'limit: soft (INF)(bytes), hard (INF)(bytes)' "$scratch/full" &&
        grep -q 'expire add: soft 0(sec), hard 0(sec)' "$scratch/full"
}

charons() {
    ip xfrm policy "$1" src 10.77.0.1/32 dst 10.77.0.2/32 proto tcp dport 8000 dir out priority 50000 \
        tmpl proto esp reqid 2 mode transport
}

# --- One selector: btnsd's and others' entries exist side by side, and each is deleted alone
entries_are_distinct() {
    local status=0
    ip xfrm policy flush
    "$tool" set out 10.77.0.1 10.77.0.2,8000 60000 block
    charons add # would fail with `File exists' on an entry of ours with the plain selector
    "$tool" set out 10.77.0.1 10.77.0.2,8000 100 esp 7 0x1234
    charons update
    "$tool" dump >"$scratch/dump"
    sort "$scratch/dump" | diff - <(
        echo "spd out 10.77.0.1/32,0 10.77.0.2/32,8000 proto 6 priority 100 esp reqid 7 spi 0x00001234 ours"
        echo "spd out 10.77.0.1/32,0 10.77.0.2/32,8000 proto 6 priority 50000 esp reqid 2 spi 0x00000000"
        echo "spd out 10.77.0.1/32,0 10.77.0.2/32,8000 proto 6 priority 60000 block reqid 0 spi 0x00000000 ours"
    ) || return 1
    "$tool" del out 10.77.0.1 10.77.0.2,8000 100
    "$tool" del out 10.77.0.1 10.77.0.2,8000 60000
    "$tool" del out 10.77.0.1 10.77.0.2,8000 50000 || status=$?
    [[ $status == 4 ]] || { echo "deleted what is not ours: $status"; return 1; }
    [[ $("$tool" dump) == *"priority 50000"* ]]
}

# hear: SPD events, and those of sockets' ends with `destroyed`, go to $scratch/events; pid in $hearing
hear() {
    : >"$scratch/events" # the output of the one before must not be taken for this one's
    "$tool" "${1-events}" 600000 >"$scratch/events" &
    hearing=$!
    started+=("$hearing")
    eventually 5 grep -q listening "$scratch/events"
}
# heard: waits until an event that is made now is reported, so all earlier ones are; writes those to $scratch/heard
heard() {
    ip xfrm policy add src 192.0.2.99 dst 192.0.2.98 dir out action block priority 4242
    eventually 10 grep -q 'priority 4242' "$scratch/events"
    kill "$hearing"
    wait "$hearing" 2>/dev/null || true
    grep -v 'priority 4242' "$scratch/events" >"$scratch/heard"
}

# --- Setting again replaces: never two, never none
replaced_not_added() {
    ip xfrm policy flush
    hear
    local how
    for how in "esp 7 0x1" "esp 7 0x2" block allow; do
        # shellcheck disable=SC2086
        "$tool" set out 10.77.0.1 10.77.0.2,8000 100 $how
        (($(ip xfrm policy | grep -c '^src') == 1)) || return 1
    done
    heard
    sed 1d "$scratch/heard" | diff - <(
        for how in "esp reqid 7 spi 0x00000001" "esp reqid 7 spi 0x00000002" "block reqid 0 spi 0x00000000" \
            "allow reqid 0 spi 0x00000000"; do
            echo "spd-new out 10.77.0.1/32,0 10.77.0.2/32,8000 proto 6 priority 100 $how ours"
        done
    )
}

refuses() {
    local text=$1
    shift
    ! "$@" 2>"$scratch/refusal" && cat "$scratch/refusal" && grep -q "$text" "$scratch/refusal"
}

refused_with_words() {
    refuses "out 10.77.0.1:0/32 .fd77::1.:0/128.*Invalid argument" "$tool" set out 10.77.0.1 fd77::1 100 block &&
        refuses "Invalid argument" "$tool" set in 10.77.0.1/40 10.77.0.2 100 block &&
        refuses "Invalid argument" "$tool" set in 10.77.0.1 10.77.0.2 65536 block &&
        refuses "Operation not permitted" setpriv --reuid=65534 --clear-groups --inh-caps=-all \
            "$scratch/tool" set out 10.77.0.1 10.77.0.2 100 block
}

# --- Entries of other programs
# shellcheck disable=SC2086
others_entries() {
    local s="src 10.77.0.1 dst 10.77.0.2"
    ip xfrm policy flush
    ip xfrm policy add $s proto tcp dport 1 dir out priority 5 tmpl src 10.1.1.1 dst 10.1.1.2 proto esp reqid 2 mode tunnel
    ip xfrm policy add $s proto tcp dport 2 dir out tmpl proto comp reqid 2 mode transport level use tmpl proto esp reqid 2 mode transport
    ip xfrm policy add $s proto tcp dport 3 dir out tmpl proto esp reqid 2 mode transport level use
    ip xfrm policy add $s dir fwd action block
    ip xfrm policy add $s proto udp dir in action block mark 7 mask 7
    "$tool" dump | sort | diff - <(
        echo "spd in 10.77.0.2/32,0 10.77.0.1/32,0 proto 17 priority 0 block reqid 0 spi 0x00000000"
        echo "spd out 10.77.0.1/32,0 10.77.0.2/32,1 proto 6 priority 5 other reqid 0 spi 0x00000000"
        echo "spd out 10.77.0.1/32,0 10.77.0.2/32,2 proto 6 priority 0 other reqid 0 spi 0x00000000"
        echo "spd out 10.77.0.1/32,0 10.77.0.2/32,3 proto 6 priority 0 other reqid 0 spi 0x00000000"
    )
}

# --- Events
own_events() {
    ip xfrm policy flush
    "$tool" own in fd77::1,80 ::/0 60000 block | diff - <(
        echo "own spd-new in fd77::1/128,80 ::/0,0 proto 6 priority 60000 block reqid 0 spi 0x00000000 ours"
        echo "own spd-gone in fd77::1/128,80 ::/0,0 proto 6 priority 60000 block reqid 0 spi 0x00000000 ours"
    )
}

others_events() {
    ip xfrm policy flush
    hear
    charons add
    ip xfrm policy add src 10.77.0.1 dst 10.77.0.2 dir fwd action block
    ip xfrm policy delete src 10.77.0.1/32 dst 10.77.0.2/32 proto tcp dport 8000 dir out
    ip xfrm policy add src 10.77.0.1 dst 10.77.0.2 dir in action block limit time-hard 1
    ip xfrm policy flush
    ip xfrm policy add src fd77::1 dst fd77::2 dir in action block limit time-hard 1
    eventually 10 grep -q 'spd-gone in fd77' "$scratch/events"
    heard
    diff "$scratch/heard" - <<'EVENTS'
listening
spd-new out 10.77.0.1/32,0 10.77.0.2/32,8000 proto 6 priority 50000 esp reqid 2 spi 0x00000000
spd-change
spd-gone out 10.77.0.1/32,0 10.77.0.2/32,8000 proto 6 priority 50000 esp reqid 2 spi 0x00000000
spd-new in 10.77.0.2/32,0 10.77.0.1/32,0 proto 0 priority 0 block reqid 0 spi 0x00000000
spd-change
spd-new in fd77::2/128,0 fd77::1/128,0 proto 0 priority 0 block reqid 0 spi 0x00000000
spd-gone in fd77::2/128,0 fd77::1/128,0 proto 0 priority 0 block reqid 0 spi 0x00000000
EVENTS
}

# A reader that sleeps while more happens than its buffer holds is told so, and then goes on.
lost_events() {
    local i
    ip xfrm policy flush
    for ((i = 0; i < 30000; i++)); do
        echo "xfrm policy update src 10.77.0.1 dst 10.77.0.2 dir out action block"
    done >"$scratch/batch"
    hear
    local watcher=$hearing
    kill -STOP "$watcher"
    ip -batch "$scratch/batch"
    kill -CONT "$watcher"
    eventually 15 grep -q lost "$scratch/events" || { kill "$watcher"; wc -l "$scratch/events"; return 1; }
    "$tool" set out 10.77.0.1 10.77.0.2 99 block
    eventually 3 grep -q 'priority 99' "$scratch/events"
    kill "$watcher"
    (($(grep -c 'priority 0' "$scratch/events") < 30000))
}

many_entries() {
    local i
    ip xfrm policy flush
    for ((i = 1; i <= 5000; i++)); do
        echo "xfrm policy add src 10.77.0.1 dst 10.77.0.2 proto tcp dport $i dir out priority $i action block"
    done | ip -batch -
    (($("$tool" dump | awk '{ print $4 }' | sort -u | wc -l) == 5000))
    local status=$?
    ip xfrm policy flush
    return "$status"
}

. "$BTNS_REPO/test/lab/xfrm_sockets-lib.sh"

# --- Routes
route_is() { # WANT ARG...
    local want=$1 got
    shift
    got=$("$tool" route "$@" 2>&1) || true
    [[ $got == "$want" ]] || { echo "$*: want '$want', got '$got'"; return 1; }
}

routes_v4() {
    route_is "route 10.77.0.1 scope 0" 10.77.0.2 &&
        route_is "route 10.77.0.1 scope 0" 192.0.2.1 &&
        route_is "route 10.77.0.1 scope 0" 10.5.0.1 &&
        route_is "route 10.99.0.1 scope 0" 10.5.0.1 7 &&
        route_is "route 10.77.0.1 scope 0 to-self" 10.77.0.1 &&
        route_is "route 127.0.0.1 scope 0 to-self" 127.9.9.9 &&
        route_is "route 127.0.0.1 scope 0 to-self" 0.0.0.0 &&
        route_is "route 10.77.0.1 scope 0 multicast" 224.0.0.251 &&
        route_is "route 10.77.0.1 scope 0 multicast" 10.77.0.255 &&
        route_is "route: No route to host" 10.9.0.1 &&
        route_is "route: Permission denied" 10.8.0.1 &&
        ip route del default && route_is "route: Network is unreachable" 192.0.2.1
}

routes_v6() {
    local index link_local
    index=$(ip -o link show eth1 | cut -d: -f1)
    link_local=$(ip -6 -o addr show dev eth1 scope link | awk '{ sub("/.*", "", $4); print $4 }')
    route_is "route fd77::1 scope 0" fd77::2 &&
        route_is "route fd77::1 scope 0" 2001:db8::1 &&
        route_is "route fd77::1 scope 0 to-self" fd77::1 &&
        route_is "route ::1 scope 0 to-self" ::1 &&
        route_is "route ::1 scope 0 to-self" :: &&
        route_is "route $link_local%$index scope $index" fe80::1 0 "$index" &&
        route_is "route $link_local%$index scope $index multicast" ff02::1 0 "$index" &&
        route_is "route: No route to host" fd09::1 &&
        route_is "route: Network is unreachable" 2002::1
}

# --- IPv6 has no loopback exemption: entries for a host's traffic with itself make one
self_talk_spared() {
    local out
    out=$(python3 "$tcp" talk ::1 8000 60)/$(python3 "$tcp" talk fd77::1 8000 60)
    "$tool" set in ::/0,8000 ::/0 60000 block
    "$tool" set out ::/0,8000 ::/0 60000 block
    "$tool" set in 0.0.0.0/0,8000 0.0.0.0/0 60000 block
    out+=" $(python3 "$tcp" talk ::1 8000 0.7)/$(python3 "$tcp" talk fd77::1 8000 0.7)"
    out+=" $(python3 "$tcp" talk 127.0.0.1 8000 60)/$(python3 "$tcp" talk 10.77.0.1 8000 60)"
    local dir a
    for dir in in out; do
        for a in ::1 fd77::1; do "$tool" set "$dir" "$a" "$a" 1 allow; done
    done
    out+=" $(python3 "$tcp" talk ::1 8000 60)/$(python3 "$tcp" talk fd77::1 8000 60)"
    ip xfrm policy flush
    echo "$out"
    [[ $out == "ok/ok timeout/timeout ok/ok ok/ok" ]]
}

blocked_connect_says_eperm() {
    "$tool" set out "$1" "$2" 100 block
    [[ $(python3 "$tcp" talk "$2" 8000 60) == EPERM ]]
    local status=$?
    ip xfrm policy flush
    return "$status"
}

held_not_dropped() {
    [[ $(cat /proc/sys/net/core/xfrm_larval_drop) == 1 ]] && "$tool" hold &&
        [[ $(cat /proc/sys/net/core/xfrm_larval_drop) == 0 ]]
}

# Another value of the administrator's stays.
probing_on() {
    local file=/proc/sys/net/ipv4/tcp_mtu_probing
    echo 0 >$file && "$tool" probing && [[ $(<$file) == 1 ]] &&
        echo 2 >$file && "$tool" probing && [[ $(<$file) == 2 ]]
}

# What the kernel found on the link, which takes it some 3 s where nobody answers.
neighbour_found() {
    local a=$1 known=$2
    [[ $("$tool" neighbour "$a") == unknown && $("$tool" neighbour "$known") == known ]] || return 1
    python3 "$py/send_datagram.py" "$a" 64 1 500
    [[ $("$tool" neighbour "$a") == asked ]] && eventually 10 eval '[[ $("$tool" neighbour '"$a"') == failed ]]'
}

make_network
install -m 755 "$tool" "$scratch/tool"
chmod 755 "$scratch"
: >"$scratch/echo"
python3 "$tcp" echo 8000 >"$scratch/echo" 2>&1 &
started+=($!)
eventually 5 grep -q listening "$scratch/echo"

check entries-as-ip-shows-them entries_as_ip_shows_them
check template-in-full template_in_full
check entries-distinct entries_are_distinct
check replaced-not-added replaced_not_added
check refused-with-words refused_with_words
check others-entries others_entries
check own-events own_events
check others-events others_events
check lost-events lost_events
check many-entries many_entries
check connections-v4 connections_found 10.77.0.1 10.77.0.200
check connections-v6 connections_found fd77::1 fd77::200
check connections-refused connections_refused
check listeners listeners_found
check destroyed-v4 destroyed_told 10.77.0.1 10.77.0.1:
check destroyed-v6 destroyed_told fd77::1 '[fd77::1]:'
check routes-v4 routes_v4
check routes-v6 routes_v6
check self-talk-spared self_talk_spared
check blocked-eperm-v4 blocked_connect_says_eperm 10.77.0.1 10.77.0.2
check blocked-eperm-v6 blocked_connect_says_eperm fd77::1 fd77::2
check held-not-dropped held_not_dropped
check probing-on probing_on
check neighbour-v4 neighbour_found 10.77.0.77 10.77.0.200
check neighbour-v6 neighbour_found fd77::77 fd77::200
