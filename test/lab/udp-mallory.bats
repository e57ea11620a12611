# Attacks on datagrams.
load lab.bash

setup_file() { run_lab udp-mallory.sh; }

@test "udp: clear datagrams with the addresses and ports of a protected flow reach neither end, IPv4 and IPv6 (L1, L2)" {
    passed talks clear-to-server clear-to-server-6 clear-to-mirror clear-to-client clear-to-client-6 \
        clear-to-client-of-mirror none-heard
}
@test "udp: a datagram with another peer's source address under mallory's own SA is dropped; with mallory's own address it arrives (L2)" {
    passed has-an-sa own-source own-source-6 her-source her-source-6 none-heard
}
@test "udp: captured ESP packets, sent again, are dropped, and the flows go on" { passed replayed replayed-6 goes-on heard-once; }
@test "udp: datagrams from many addresses that no host has cost btnsd little, and peers get through" {
    passed crowd-heard crowd-floor crowd-real-peer crowd-bounded crowd-over
}
@test "udp: mallory takes the server's address: the latches fail, say whose key it is, and he hears nothing (L8, L12, L13)" {
    passed taken-fails taken-says-who taken-known taken-stays-broken taken-nothing-heard back
}
@test "udp: mallory takes the client's address: his key is refused, and the client goes on after that (L15)" {
    passed as-alice-refused back-again
}
@test "udp: no packet of all this left in the clear, at either end (L1, L5)" { passed none-clear-alice none-clear-bob; }
