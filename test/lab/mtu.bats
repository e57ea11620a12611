# Links that carry less than the hosts announce: without ICMP, only smaller segments arrive.
load lab.bash

setup_file() { run_lab mtu.sh; }

@test "the receiver's link carries 1400 octets, no ICMP comes: downloads arrive, IPv4 and IPv6, also from a server that never asked" {
    passed probing-set down-v4 down-v6 down-mirrored
}
@test "likewise uploads" { passed up-v4 up-v6 up-mirrored; }
@test "the link becomes narrower under an open connection: it goes on" { passed shrinks-under-connection; }
@test "nothing of it went in the clear" { passed wire-has-no-clear; }
