# An ICMP error repeats the packet that it is about: no part of a protected packet may be repeated in the clear.
. "$BTNS_REPO/test/lab/lib.sh"

export BTNSD_OPTS="--linger 1"
forget_ended alice bob
put_policy alice <<'RULES'
format = 1
program "datagrams" {
  match = { "*" }
  rule "datagrams" { at = { connect }  protocol = udp  port = { "8100-8199" }  action = protect }
}
RULES
patient alice bob
up alice bob
# 8000 is protected, because alice asks for it: bob has a mirror guard, and no program under btns-run. 9000 is not.
on bob python3 "$py/take_all.py" 8000 9000 >/dev/null 2>&1 & server=$!
eventually 10 port_open bob 8000
eventually 10 port_open bob 9000
for host in alice bob; do on $host sysctl -qw net.ipv4.icmp_ratemask=0 net.ipv6.icmp.ratelimit=0; done
capture alice 'tcp or icmp or icmp6'
capture bob 'tcp or icmp or icmp6'

# talk NAME ADDRESS PORT [COMMAND...]: send_lines.py, which sends what say NAME is given
declare -A mouth
talk() {
    local name=$1
    mkfifo "$scratch/$name"
    on alice "${@:4}" python3 "$py/send_lines.py" "$2" "$3" <"$scratch/$name" >"$scratch/$name.out" 2>&1 &
    exec {mouth[$name]}>"$scratch/$name"
    eventually 30 says connected "$scratch/$name.out"
}
say() { echo "$2" >&"${mouth[$1]}"; }

# firewall iptables|ip6tables ARG...: $at's, by whichever of the two interfaces this kernel has the table
at=bob
firewall() { local tool=$1; shift; on "$at" "$tool-legacy" "$@" 2>/dev/null || on "$at" "$tool-nft" "$@"; }
# rejected TOOL: the packets that the rule has rejected
rejected() { firewall "$1" -vxnL INPUT | awk '/REJECT/ { n += $1 } END { print n + 0 }'; }
some_rejected() { (($(rejected "$1") > 0)); }
# reject TOOL PORT WITH NAME: the firewall rejects NAME's next segment, or (at alice) the answer, with that ICMP error
reject() {
    local status=0 end=--dport
    [[ $at == bob ]] || end=--sport
    firewall "$1" -I INPUT -p tcp $end "$2" -j REJECT --reject-with "$3"
    say "$4" "$4 got $3."
    eventually 20 some_rejected "$1" || status=$?
    firewall "$1" -F INPUT
    return $status
}
# counter NAME: of bob's kernel
counter() { on bob nstat -asz "$1" | awk -v n="$1" '$1 == n { print $2 }'; }
# misheard NAME: bob does not understand the options of NAME's next segment
misheard() {
    local before status=0
    before=$(counter Ip6InHdrErrors)
    say "$1" options
    say "$1" "$1 got parameter problem."
    eventually 20 eval "((\$(counter Ip6InHdrErrors) > $before))" || status=$?
    say "$1" plain
    return $status
}

talk secret4 10.77.0.2 8000 btns-run
talk secret6 fd77::2 8000 btns-run
talk open4 10.77.0.2 9000
talk open6 fd77::2 9000
check protected eval 'latch alice ESTABLISHED "10.77.0.2:8000" && latch alice ESTABLISHED "\[fd77::2\]:8000"'
check entries-4 eval '[[ $(on bob ip -o xfrm policy | grep -c "src 10.77.0.2/32 dst 10.77.0.1/32 proto icmp .*action block priority 102 ") == 3 ]]'
check entries-6 eval 'on bob ip -o xfrm policy | grep "src fd77::2/128 dst fd77::1/128 proto ipv6-icmp .*action block priority 102 "'

kinds4='icmp-net-unreachable icmp-host-unreachable icmp-proto-unreachable icmp-port-unreachable icmp-net-prohibited
    icmp-host-prohibited icmp-admin-prohibited'
kinds6='icmp6-no-route icmp6-adm-prohibited icmp6-addr-unreachable icmp6-port-unreachable'
for kind in $kinds4; do check "rejects-$kind" reject iptables 8000 "$kind" secret4; done
for kind in $kinds6; do check "rejects-$kind" reject ip6tables 8000 "$kind" secret6; done
check misheard misheard secret6
# icmp_sas HOST PROTOCOL [COUNT]: the host has COUNT SAs for ICMP errors
icmp_sas() { (($(on "$1" ip -o xfrm state | grep -cE "sel src [^ ]+ dst [^ ]+ proto $2 ") == ${3-2})); }
no_icmp_sas() { icmp_sas "$1" icmp 0 && icmp_sas "$1" ipv6-icmp 0; }
check none-for-segments eval 'no_icmp_sas alice && no_icmp_sas bob'
# Datagrams: bob has a mirror guard again, and their text is in each. 8101 has no socket.
no_socket() { on bob nstat -asz UdpNoPorts Udp6NoPorts | awk '/NoPorts/ { n += $2 } END { print n + 0 }'; }
# dead ADDRESS PORT TEXT [COMMAND...]: a datagram arrives at bob's port, where no socket is
dead() {
    local before
    before=$(no_socket)
    on alice "${@:4}" python3 "$py/datagrams.py" ask "$1" "$2" "$3" 2 || true
    eventually 20 eval "((\$(no_socket) > $before))"
}
# About clear datagrams errors go in the clear, as long as there is no child SA for ICMP.
check open-dead eval 'dead 10.77.0.2 9101 "open4 got no socket" && dead fd77::2 9101 "open6 got no socket"'
check latched-dead eval 'dead 10.77.0.2 8101 "secret4 got no socket" btns-run && dead fd77::2 8101 "secret6 got no socket" btns-run'
# refused ADDRESS HOW: a program of alice's gets the error that nobody listens at 8105
refused() { on alice btns-run python3 "$py/refused.py" "$1" 8105 'secret got refused' "$2" | tee /dev/stderr | grep -qx ECONNREFUSED; }
for how in connected queue; do
    check "refused-4-$how" refused 10.77.0.2 "$how"
    check "refused-6-$how" refused fd77::2 "$how"
done
talkers=()
on bob python3 "$py/datagrams.py" answer 8100 >/dev/null 2>&1 & answering=$!
for to in 10.77.0.2 fd77::2; do
    on alice btns-run python3 "$py/datagrams.py" talk "$to" 8100 connected >"$scratch/talk-$to" 2>&1 & talkers+=($!)
    eventually 30 says 'answer to talk' "$scratch/talk-$to"
done
# An error comes back in ESP from now on: bob has the entries, for an SA that both have.
in_esp() { icmp_sas alice "$1" && on bob ip -o xfrm policy | grep -E "proto $1 .*priority 99 "; }
check icmp-child eval 'eventually 60 in_esp icmp && eventually 60 in_esp ipv6-icmp'
# reject_datagrams TOOL WITH: $at's firewall rejects a datagram of the talk, or of its answers, so
reject_datagrams() {
    local status=0 end=--dport
    [[ $at == bob ]] || end=--sport
    firewall "$1" -I INPUT -p udp $end 8100 -j REJECT --reject-with "$2"
    eventually 20 some_rejected "$1" || status=$?
    firewall "$1" -F INPUT
    return $status
}
for kind in $kinds4; do check "datagrams-$kind" reject_datagrams iptables "$kind"; done
for kind in $kinds6; do check "datagrams-$kind" reject_datagrams ip6tables "$kind"; done
at=alice
check client-datagrams-4 reject_datagrams iptables icmp-admin-prohibited
check client-datagrams-6 reject_datagrams ip6tables icmp6-port-unreachable
# The client gets the firewall's error; and after the server's end, while its mirror guard lives, the error that nobody
# listens.
check firewall-heard eval 'eventually 20 says EHOSTUNREACH "$scratch/talk-10.77.0.2" && eventually 20 says EACCES "$scratch/talk-fd77::2"'
cleanup_servers $answering
heard() { eventually 60 eval "[[ \$(tail -n 1 '$scratch/talk-$1') == ECONNREFUSED ]]"; }
check server-ended eval 'heard 10.77.0.2 && heard fd77::2'
cleanup_servers "${talkers[@]}"
check children-end eval 'eventually 60 no_icmp_sas alice && eventually 60 no_icmp_sas bob'
# The client has a guard of its own.
check client-rejects-4 reject iptables 8000 icmp-admin-prohibited secret4
check client-rejects-6 reject ip6tables 8000 icmp6-adm-prohibited secret6
at=bob
# While there are guards, errors about unprotected packets are still sent; and these tests would see a repeated packet.
check open-4 reject iptables 9000 icmp-port-unreachable open4
check open-6 reject ip6tables 9000 icmp6-port-unreachable open6
check open-options misheard open6
seen() { grep -aqE "$2" "$scratch/$1.pcap"; } # seen HOST TEXT: its link carried that
# repeated HOST FROM PROTOCOL: errors of that sender are in the capture
repeated() { tcpdump -nr "$scratch/$1.pcap" "src $2 and $3" 2>/dev/null | grep -E 'unreachable|prohibited|problem'; }
check open-errors-are-seen eval 'eventually 10 repeated bob 10.77.0.2 icmp && eventually 10 repeated bob fd77::2 icmp6'

# ---- bob as a router of alice's: to 10.88.0.0/24 and fd88::/64, by a link with a small MTU ----
on bob sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
printf '%s\n' 'link add narrow type dummy' 'link set narrow mtu 1300 up' 'addr add 10.88.0.1/24 dev narrow' \
    'addr add fd88::1/64 dev narrow nodad' | on bob ip -batch -
on alice ip route add 10.88.0.0/24 via 10.77.0.2
on alice ip -6 route add fd88::/64 via fd77::2
told() { tcpdump -nr "$scratch/bob.pcap" "dst $1" 2>/dev/null | grep -E "$2"; } # told ADDRESS TEXT: bob sent it that error
# routed ADDRESS TO TTL TEXT: bob answers a clear datagram that he is to pass on with that error
routed() { on alice python3 "$py/send_datagram.py" "$1" "$3" "${5-10}" && eventually 20 told "$2" "$4"; }
check routed-hops-4 routed 10.88.0.5 10.77.0.1 1 'ICMP time exceeded in-transit'
check routed-size-4 routed 10.88.0.5 10.77.0.1 9 'need to frag .mtu 1300' 1400
check routed-hops-6 routed fd88::5 fd77::1 1 'time exceeded in-transit for fd88::5'
check routed-size-6 routed fd88::5 fd77::1 9 'packet too big, mtu 1300' 1400
# Protected segments that DNAT passes on: an error about one (no hop is left) is translated back, and then is bob's, too.
on bob masquerade -I PREROUTING -p tcp --dport 8002 -j DNAT --to 10.88.0.5:80
passed_on() {
    local caller status=0 before
    before=$(counted bob XfrmOutPolBlock)
    on alice btns-run python3 "$py/short_lived.py" 10.77.0.2 8002 & caller=$!
    eventually 30 eval "((\$(counted bob XfrmOutPolBlock) > $before))" || status=$?
    kill $caller
    wait $caller || true
    return $status
}
check passed-on-error-blocked passed_on
# The same about protected datagrams: no hop is left, or the narrow link is too small; and an option that nobody knows.
on bob masquerade -I PREROUTING -p udp --dport 8104 -j DNAT --to 10.88.0.5:80
# datagram_error COUNTER TTL OCTETS ADDRESS TEXT [options]: one from alice; the kernel at bob counts what is wrong with it
datagram_error() {
    local before
    before=$(counter "$1")
    on alice btns-run python3 "$py/send_datagram.py" "$4" "$2" "$3" 8104 "$5" "${@:6}"
    eventually 30 eval "((\$(counter $1) > $before))"
}
check datagram-hops-4 datagram_error IpInHdrErrors 1 100 10.77.0.2 'secret4 got no hop'
check datagram-size-4 datagram_error IpFragFails 9 1350 10.77.0.2 'secret4 got no room'
check datagram-options-6 datagram_error Ip6InHdrErrors 9 100 fd77::2 'secret6 got parameter problem' options
# The same in the clear: the errors repeat the text, which the capture has from them alone. (routed-size-4 is the third.)
open_error() { on alice python3 "$py/send_datagram.py" "$3" "$1" "$2" 9104 "$4" "${@:5}" && eventually 20 seen bob "$4"; }
check open-hops-4 open_error 1 100 10.88.0.5 'open4 got no hop'
check open-options-6 open_error 9 100 fd77::2 'open6 got option' options
cleanup_servers "${captures[@]}"
check nothing-quoted eval 'not seen alice "secret[46]? got" && not seen bob "secret[46]? got"'
check no-datagram-quoted eval 'not seen alice "talk [0-9]" && not seen bob "talk [0-9]"'
check something-seen eval 'seen bob "open4 got" && seen bob "open6 got"'
check open-dead-seen eval 'seen bob "open4 got no socket" && seen bob "open6 got no socket"'
none_of_8000() { ! tcpdump -tnvr "$scratch/$1.pcap" "icmp or icmp6" 2>/dev/null | grep -E '(\.|port )(800[02]|810[05])'; }
check no-error-about-it eval 'none_of_8000 alice && none_of_8000 bob'
check still-latched eval 'latch alice ESTABLISHED "10.77.0.2:8000" && latch alice ESTABLISHED "\[fd77::2\]:8000"'

for name in "${!mouth[@]}"; do exec {mouth[$name]}>&-; done
cleanup_servers $server
# The entries against ICMP errors outlast the guards: charon may let a known peer in at any moment.
check nothing-left eval 'eventually 30 nothing_left alice && eventually 30 nothing_left bob'
entries_stay() { [[ $(icmp_entries bob 10.77.0.1 | tee /dev/stderr | wc -l) == 4 && $(icmp_entries bob fd77::1 | wc -l) == 2 ]]; }
check entries-stay entries_stay

# ---- bob's btnsd is stopped: his charon lets alice's packets in, and no guard comes ----
captures=()
capture bob 'tcp or udp or icmp or icmp6'
hung=$(pid_of bob pid)
kill -STOP "$hung"
check hung-dead eval 'dead 10.77.0.2 8102 "secret4 found btnsd hung" btns-run && dead fd77::2 8102 "secret6 found btnsd hung" btns-run'
check hung-no-guard eval 'on bob ip -o xfrm policy | grep -E "port 8102 .*priority 50000 " && ! on bob ip -o xfrm policy | grep -E "priority (100|2000) "'
check hung-open-dead eval 'dead 10.77.0.2 9102 "open4 found btnsd hung" && dead fd77::2 9102 "open6 found btnsd hung"'
# hung_segment TOOL ADDRESS: the firewall rejects the first segment of a protected connection
hung_segment() {
    local caller status=0
    firewall "$1" -I INPUT -p tcp --dport 8103 -j REJECT
    on alice btns-run curl -sS -m 300 "http://$2:8103/" >/dev/null 2>&1 & caller=$!
    eventually 30 some_rejected "$1" || status=$?
    firewall "$1" -F INPUT
    kill $caller
    wait $caller || true
    return $status
}
check hung-segment-4 hung_segment iptables 10.77.0.2
check hung-segment-6 hung_segment ip6tables '[fd77::2]'
check hung-open-seen eval 'eventually 20 seen bob "open4 found" && eventually 20 seen bob "open6 found"'
hung_errors() { tcpdump -tnvr "$scratch/bob.pcap" 'icmp or icmp6' 2>/dev/null | grep -E "$1"; }
check hung-errors-are-seen eval 'eventually 20 hung_errors "10.77.0.2 udp port 9102" && eventually 20 hung_errors "fd77::2 udp port 9102"'
kill -CONT "$hung"
cleanup_servers "${captures[@]}"
check hung-nothing-quoted eval '! seen bob "secret[46] found" && ! hung_errors "port 8102|[.]810[23]"'
check hung-heals eval 'eventually 60 nothing_left alice && eventually 60 nothing_left bob'
