# A link that carries less than the hosts announce, without ICMP errors about it: a segment that fits without ESP is
# lost with ESP.
. "$BTNS_REPO/test/lab/lib.sh"

size=200000
bulk() { on alice btns-run python3 "$py/bulk.py" "$1" "$2" "$3" $size "${@:4}"; }
# narrow HOST MTU: its link carries MTU octets, in both directions, and larger frames are dropped
narrow() { on "$1" ip link set eth0 mtu "$2" && ip link set "$1" mtu "$2"; }
# each_way NAME get|put: over IPv4, over IPv6, and of the service that only alice protects. All at once, as TCP waits longer
# each time before it tries smaller segments.
each_way() {
    local v4 v6 mirrored
    bulk "$2" 10.77.0.2 8000 >"$scratch/v4" 2>&1 & v4=$!
    bulk "$2" fd77::2 8000 >"$scratch/v6" 2>&1 & v6=$!
    bulk "$2" 10.77.0.2 8002 >"$scratch/mirrored" 2>&1 & mirrored=$!
    check "$1-v4" moved $v4 "$scratch/v4"
    check "$1-v6" moved $v6 "$scratch/v6"
    check "$1-mirrored" moved $mirrored "$scratch/mirrored"
}
# moved PID FILE: the process ended well, and printed FILE
moved() { local status=0; wait "$1" || status=$?; cat "$2"; return $status; }

patient alice bob
up alice bob
on bob btns-run python3 "$py/bulk.py" serve 8000 $size & asked=$!
on bob python3 "$py/bulk.py" serve 8002 $size & mirrored=$!
eventually 10 port_open bob 8000
eventually 10 port_open bob 8002
wire alice start
check probing-set eval '[[ $(on alice cat /proc/sys/net/ipv4/tcp_mtu_probing) == 1 ]]'
bulk get 10.77.0.2 8000
narrow alice 1400
each_way down get
narrow alice 1500
narrow bob 1400
each_way up put
narrow bob 1500
# Under an open connection: what the server sends is lost from here on, as if the way led over another link now.
size=30000000
on bob btns-run python3 "$py/bulk.py" serve 8004 $size & long=$!
eventually 10 port_open bob 8004
bulk get 10.77.0.2 8004 "$scratch/pause" >"$scratch/long" 2>&1 & caller=$!
eventually 10 test -e "$scratch/pause"
narrow alice 1400
rm "$scratch/pause"
check shrinks-under-connection wait $caller
wire alice stop
check wire-has-no-clear eval 'for port in 8000 8002 8004; do no_clear alice $port || exit 1; done'
cleanup_servers $asked $mirrored $long
