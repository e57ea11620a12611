# The source address of a connection is the kernel's choice: routes by user, service, TOS, port and preferences.
. "$BTNS_REPO/test/lab/lib.sh"

export BTNSD_OPTS="--linger 1"
forget_ended alice bob
patient alice bob
up alice bob
on bob python3 "$py/greet.py" :: 8000 >/dev/null 2>&1 & server=$!
eventually 10 port_open bob 8000
# The second route: to the same network, from another address.
printf '%s\n' 'addr add 10.77.0.11/24 dev eth0' 'addr add fd77::11/64 dev eth0 nodad' \
    'route add 10.77.0.0/24 dev eth0 src 10.77.0.11 table 77' \
    'route add fd77::/64 dev eth0 src fd77::11 table 77' | on alice ip -batch -
# IPv6 would prefer the new address; the ordinary route is from the old one.
on alice ip -6 route add fd77::/64 dev eth0 src fd77::1 metric 100
wire alice start
wire bob start

# goes FROM COUNT COMMAND...: the command fetched COUNT lines, all from address FROM
goes() {
    local from=$1 count=$2
    shift 2
    "$@" >"$scratch/went" 2>"$scratch/said"
    cat "$scratch/went" "$scratch/said"
    (($(grep -cx "$from hello" "$scratch/went") == count && $(wc -l <"$scratch/went") == count))
}
fetch() { on alice btns-run python3 "$py/from_where.py" "$@"; }
as_nobody() { on alice setpriv --reuid 65534 --regid 65534 --clear-groups btns-run python3 "$py/from_where.py" "$@"; }
cold() { eventually 20 nothing_left alice; }
chmod 755 "$scratch"

check plain goes 10.77.0.1 2 fetch 10.77.0.2 8000 2
for ip in 4 6; do
    if [[ $ip == 4 ]]; then rule='ip rule' bob=10.77.0.2 first=10.77.0.1 second=10.77.0.11
    else rule='ip -6 rule' bob=fd77::2 first=fd77::1 second=fd77::11; fi
    for way in '' nonblock; do
        cold
        on alice $rule add uidrange 65534-65534 lookup 77 pref 100
        check "user-$ip$way" goes $second 3 as_nobody $bob 8000 3 $way
        on alice $rule del pref 100
        cold
        on alice $rule add ipproto tcp dport 8000 lookup 77 pref 100
        check "port-$ip$way" goes $second 3 fetch $bob 8000 3 $way
        on alice $rule del pref 100
        cold
        on alice $rule add tos 0x10 lookup 77 pref 100
        check "tos-$ip$way" goes $second 2 fetch $bob 8000 2 $way tos=0x10
        # A verdict from the cache was given for a socket without TOS.
        check "tos-warm-$ip$way" eval 'fetch $bob 8000 3 $way later tos=0x10 | tee "$scratch/went"; [[ $(<"$scratch/went") == "$first hello"$'"'\\n'"'"$second hello"$'"'\\n'"'"$second hello" ]]'
        on alice $rule del pref 100
    done
done

# Other programs' traffic from the second address is protected, too, and not broken.
cold
on alice btns-run python3 "$py/hold.py" 10.77.0.2 8000 "$scratch/others-went" & holder=$! # the guard stays for as long
eventually 30 latch alice ESTABLISHED 8000
check others-go-on goes 10.77.0.11 3 on alice python3 "$py/from_where.py" 10.77.0.2 8000 3 bind=10.77.0.11
touch "$scratch/others-went"; wait $holder || true

# A socket can ask for a temporary address (RFC 5014), which no route lookup knows of.
cold
on alice ip -6 route del fd77::/64 dev eth0 src fd77::1 metric 100
on alice sysctl -qw net.ipv6.conf.eth0.use_tempaddr=1
on alice ip -6 addr add fd77::1234/64 dev eth0 nodad mngtmpaddr
temporary() { on alice ip -6 -o addr show dev eth0 temporary -tentative | sed -nE 's/.*inet6 (fd77:[^/]*).*/\1/p' | head -1 | grep .; }
eventually 10 temporary
for way in '' nonblock; do
    cold
    check "preference$way" goes "$(temporary)" 3 fetch fd77::2 8000 3 $way prefer=1
done

# An address that the kernel has not yet reported to btnsd: a connection that left from it in the clear is reset as soon
# as it has.
cold
on bob python3 "$py/echo.py" 8001 >/dev/null 2>&1 & echo_pid=$!
eventually 10 port_open bob 8001
# new_address: a program connects by a cached verdict from an address that a stopped btnsd does not know. False: some change
# of addresses or routes had just ended the verdict, so the program asked the stopped btnsd.
new_address() {
    local status=0
    rm -f "$scratch/go" "$scratch/new"
    on alice btns-run python3 "$py/connect_then.py" 10.77.0.2 8001 "$scratch/go" >"$scratch/new" 2>&1 & local caller=$!
    eventually 30 says '^first from' "$scratch/new"
    local btnsd_pid
    btnsd_pid=$(pid_of alice pid)
    kill -STOP "$btnsd_pid"
    printf '%s\n' 'addr replace 10.77.0.12/24 dev eth0' 'route replace 10.77.0.0/24 dev eth0 src 10.77.0.12 table 78' \
        'rule add tos 0x08 lookup 78 pref 101' | on alice ip -batch -
    touch "$scratch/go"
    eventually 30 eval 'says "second from 10.77.0.12|did not answer" "$scratch/new"'
    kill -CONT "$btnsd_pid"
    says 'did not answer' "$scratch/new" && status=1
    eventually 20 not kill -0 $caller 2>/dev/null || kill $caller
    wait $caller || true
    on alice ip rule del pref 101
    ((!status)) || on alice ip addr del 10.77.0.12/24 dev eth0
    return $status
}
for try in 1 2 3 4 5; do if new_address; then break; fi; cat "$scratch/new"; done
check new-address-reset eval 'cat "$scratch/new"; says "second ended" "$scratch/new"'
check new-address-told says 'the connection left from 10.77.0.12, an address without a guard: it is reset' "$BTNS_LAB/alice.log"
kill $echo_pid; wait $echo_pid 2>/dev/null || true

# A local route gives this host a whole prefix (AnyIP): no interface has these addresses, and packets leave from them.
cold
on alice ip -6 route add local fd09::/64 dev lo
printf '%s\n' 'route add local 10.9.0.0/24 dev lo' 'route add 10.77.0.0/24 dev eth0 src 10.9.0.5 table 79' \
    'rule add tos 0x04 lookup 79 pref 102' | on alice ip -batch -
on bob ip route add 10.9.0.0/24 via 10.77.0.1
for way in '' nonblock; do
    check "prefix$way" goes 10.9.0.5 2 fetch 10.77.0.2 8000 2 $way tos=0x04
    cold
    check "prefix-warm$way" eval 'fetch 10.77.0.2 8000 3 $way later tos=0x04 | tee "$scratch/went"; [[ $(<"$scratch/went") == "10.77.0.1 hello"$'"'\\n'"'"10.9.0.5 hello"$'"'\\n'"'"10.9.0.5 hello" ]]'
    cold
done
on alice btns-run python3 "$py/hold.py" 10.77.0.2 8000 "$scratch/prefix-went" & holder=$!
eventually 30 latch alice ESTABLISHED '10[.]77[.]0[.]2:8000'
check prefix-others goes 10.9.0.77 2 on alice python3 "$py/from_where.py" 10.77.0.2 8000 2 bind=10.9.0.77
touch "$scratch/prefix-went"; wait $holder || true
# From such an address of IPv6 only a socket sends that may use any, and IKE cannot be spoken from there.
check prefix-6 eval 'fetch fd77::2 8000 1 bind=fd09::5 free >"$scratch/said" 2>&1; cat "$scratch/said"; says "error Cannot assign" "$scratch/said" && says "no interface of this host has.*bind it to another" "$scratch/said"'
# To such an address of its own a host talks without a guard.
on alice python3 "$py/greet.py" :: 8002 >/dev/null 2>&1 & own_pid=$!
eventually 10 port_open alice 8002
check prefix-itself goes 10.9.0.5 1 fetch 10.9.0.5 8002 1
check prefix-itself-6 eval 'fetch fd09::5 8002 1 | grep hello'
kill $own_pid; wait $own_pid 2>/dev/null || true
on alice ip rule del pref 102

# Multipath by layer 4: the source port decides.
cold
on alice sysctl -qw net.ipv4.fib_multipath_hash_policy=1 net.ipv6.fib_multipath_hash_policy=1
on bob ip addr add 10.99.0.2/32 dev lo
on alice ip link add link eth0 name way2 type macvlan mode bridge
printf '%s\n' 'link set way2 up' 'addr add 10.78.0.1/24 dev way2' | on alice ip -batch -
on bob ip addr add 10.78.0.2/24 dev eth0
on alice ip route add 10.99.0.2/32 nexthop via 10.77.0.2 dev eth0 nexthop via 10.78.0.2 dev way2
check multipath eval 'fetch 10.99.0.2 8000 12 ports=41000 | tee "$scratch/paths"; (($(grep -c hello "$scratch/paths") == 12))'
check multipath-both-ways eval 'says "10.77.0.1+ hello" "$scratch/paths" && says "10.78.0.1 hello" "$scratch/paths"'
check multipath-nonblock eval 'fetch 10.99.0.2 8000 12 nonblock ports=42000 | tee "$scratch/paths"; (($(grep -c hello "$scratch/paths") == 12))'
check healed-is-said says 'packets to 10.99.0.2 tcp/8000 leave from .*: a guard for that address, too' "$BTNS_LAB/alice.log"

cold
wire alice stop
wire bob stop
# (port 8001 had one connection in the clear, which was made so)
check nothing-clear-alice no_clear alice 8000
check nothing-clear-bob no_clear bob 8000
check esp-was-used some_esp alice
kill $server; wait $server 2>/dev/null || true
cleanup_servers
