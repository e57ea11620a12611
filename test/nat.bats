# Peers behind a router that translates addresses: the lab's, and what becomes of latches.
load lab.bash

setup_file() { LAB_OPTIONS=--nat run_lab nat.sh; }

@test "lab --nat: carol and dave reach bob, who sees the router's address and other ports, and cannot reach them" {
    passed lab-out lab-not-in lab-translated lab-names
}
@test "a client behind the router is protected end to end, ESP in UDP on both sides of it (L7, L8, L10)" {
    passed client-fetches client-wire-inside client-wire-outside client-encapsulated
}
@test "a second client behind it, with another key on the same address, is refused while the first is latched (L15, L17, L18)" {
    passed second-refused second-logged first-goes-on
}
