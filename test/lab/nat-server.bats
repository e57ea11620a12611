# A server behind a router that forwards the IKE ports to it.
load lab.bash

setup_file() { LAB_OPTIONS=--nat run_lab nat-server.sh; }

@test "a server behind a router that forwards UDP 500 and 4500: protected, nothing clear on either side (L7, L8, L10)" {
    passed server-fetches server-wire-inside server-wire-outside
}
@test "both ends list the peer's NAT, its outer address and its own address behind it (L10)" {
    passed told-at-client told-at-server client-inner-at-server
}
@test "mallory on the router's address, with a key of his own: the latch breaks, nothing reaches him (L1, L8, L12, L15)" {
    passed takeover-breaks takeover-wire-has-no-clear takeover-nothing-delivered takeover-as-client
}
