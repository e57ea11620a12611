# Source routes of IPv4: the kernel looks up their first address, so packets would leave past the guard of their destination.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/udp-lib.sh"

hop=10.77.0.66
echo hello >"$scratch/index.html"
serve bob 8000 "$scratch"; servers+=($served)
answers bob 5301 btns-run
answers mallory 5500
ask 10.77.0.2 5301 >/dev/null
by_another() { on alice "${@:4}" python3 "$py/source_route.py" "$1" 10.77.0.2 "$2" $hop 2>&1 | tee "$scratch/said" | grep -qx "$3"; local rc=$?; cat "$scratch/said"; return $rc; }
on alice tcpdump -qni eth0 -U -w "$scratch/by-hop.pcap" "dst host $hop and not arp" 2>/dev/null & capture=$!
eventually 5 test -s "$scratch/by-hop.pcap"

check tcp eval 'by_another tcp 8000 EPROTONOSUPPORT btns-run && says "btns: .*10.77.0.2:8000: .*source route.*rule" "$scratch/said"'
check tcp-later by_another later 8000 ENOPROTOOPT btns-run
check udp eval 'by_another udp 5301 EPROTONOSUPPORT btns-run && says "source route.*rule" "$scratch/said"'
check udp-later by_another later-udp 5301 ENOPROTOOPT btns-run
check message eval 'by_another message 5301 EPERM btns-run && says "10.77.0.2:5301: a source route" "$scratch/said"'
# When the capture has the ping, it has everything from before.
seen() { tcpdump -nr "$scratch/by-hop.pcap" "$1" 2>/dev/null | grep .; }
eventually 30 on alice ping -q -c 1 -W 60 $hop >/dev/null
eventually 10 seen icmp >/dev/null
check none-left not seen 'tcp or udp'
# The control: natively such packets do leave, to that hop.
check control-tcp eval '! by_another tcp 8000 sent; eventually 10 seen tcp'
check control-udp eval 'by_another message 5301 sent && eventually 10 seen "udp port 5301"'

# ---- datagrams from an address that is not this host's (IPv6, IPV6_TRANSPARENT) ----
foreign=fd77::99
ask fd77::2 5301 >/dev/null
from_another() { on alice "${@:3}" python3 "$py/any_source.py" "$1" fd77::2 5301 $foreign 2>&1 | tee "$scratch/said" | grep -qx "$2"; local rc=$?; cat "$scratch/said"; return $rc; }
left() { tcpdump -nr "$scratch/alice.pcap" "udp and src host $foreign" 2>/dev/null | grep .; }
check foreign eval 'from_another sent EPROTONOSUPPORT btns-run && says "addresses of other hosts.*rule" "$scratch/said"'
check foreign-later from_another later ENOPROTOOPT btns-run
check foreign-free eval 'from_another free EPERM btns-run && says "fd77::2.*5301: .*no address of this host" "$scratch/said"'
own=$(on alice ip -6 -o addr show dev eth0 scope global | grep -o 'fd77::[0-9a-f]*' | head -1)
check own-free eval '(foreign=$own; from_another free sent btns-run)'
on alice sysctl -qw net.ipv6.ip_nonlocal_bind=1
check foreign-plain from_another plain EPERM btns-run
# The neighbours are asked for in the same capture: when the capture has the ping, it has everything from before.
eventually 30 on alice ping -q -c 1 -W 60 fd77::66 >/dev/null
eventually 10 eval 'tcpdump -nr "$scratch/alice.pcap" "icmp6 and dst host fd77::66" 2>/dev/null | grep -q "echo request"'
check foreign-stays not left
check foreign-control eval 'from_another sent sent && from_another free sent && from_another plain sent && eventually 10 left'
kill $capture; wait $capture 2>/dev/null || true
# Datagrams that no rule covers are sent as without btns.
check clear-goes by_another udp 5500 sent btns-run
cleanup_servers "${servers[@]}"
