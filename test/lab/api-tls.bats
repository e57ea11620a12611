# libbtns with TLS, between three hosts: a relay between the ends is detected.
load lab.bash

setup_file() { run_lab api-tls.sh; }

@test "figure 15 of the draft: both ends tell in the handshake which channel they see, TLS 1.2 and 1.3, and remember it (A3, A15)" {
    passed direct-1.3 again-1.3 heard-1.3 direct-1.2 again-1.2 heard-1.2 wire-no-clear
}
@test "a relay at first contact, with an IPsec channel to each end, is detected in the handshake, before any data" {
    passed relay-unnoticed relay-unnoticed-heard relay-found-1.3 relay-found-1.2 relay-relayed relay-refused \
        relay-nothing-kept relay-nothing-heard
}
@test "if only one side knows the extension, TLS works as without it, and is not enough for IPSEC_BTNS_CHANNEL_BINDING" {
    passed only-client-plain only-client-heard only-client-asked only-server-plain only-server-heard only-server-asked
}
@test "a run to mallory at bob's own address, with bob's TLS key, fails with EPERM before a byte of TLS: the stored channel is another (A13, A15, A16)" {
    passed taken-refuses-1.3 taken-refuses-1.2 taken-nothing-heard taken-first-contact taken-no-clear
}
