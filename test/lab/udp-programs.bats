# Programs that send datagrams, between hosts.
load lab.bash

setup_file() { run_lab udp-programs.sh; }

@test "udp: dig and dnsmasq, socat that forks, iperf3 in both directions, logger, node" {
    passed dig dig-6 socat iperf3 iperf3-reverse logger node
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
