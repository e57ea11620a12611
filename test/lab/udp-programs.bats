# Programs that send datagrams, between hosts.
load lab.bash

setup_file() { run_lab udp-programs.sh; }

@test "udp: dig and dnsmasq, iperf3 in both directions, logger, node; IPv4 and IPv6" {
    passed dig dig-6 iperf3 iperf3-6 iperf3-reverse iperf3-reverse-6 logger logger-6 node node-6
}
@test "udp: socat's modes, whose servers fork for each client and for each datagram; IPv4 and IPv6" {
    passed socat socat-6 socat-each socat-each-6
}
@test "udp: QUIC, whose segmentation by the kernel (GSO) is refused: it falls back" { passed quic quic-6; }
@test "udp: java's DatagramChannel, connected and not" {
    [[ -n $(type -P java) ]] || skip 'java is not installed'
    passed java java-6
}
@test "udp: a source address that the program names itself (IP_PKTINFO) is protected like the route's (L5)" {
    passed from from-6
}
@test "udp: no datagram of these programs in the clear, at either end (L1, L5)" {
    passed none-clear-alice none-clear-bob esp-seen nothing-quoted
}
