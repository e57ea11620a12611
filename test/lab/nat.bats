# Peers behind the lab's router, which translates addresses: their latches, also when its addresses change.
load lab.bash

setup_file() { LAB_OPTIONS=--nat run_lab nat.sh; }

@test "lab --nat: carol and dave reach bob, who sees the router's address and other ports, and cannot reach them" {
    passed lab-out lab-not-in lab-translated lab-names
}
@test "a client behind the router is protected, ESP in UDP on both sides of it, nothing clear (L7, L8, L10)" {
    passed client-fetches client-wire-inside client-wire-outside
}
@test "both ends list which end is behind a NAT, its outer address, and the ports of the SA in the kernel (L10)" {
    passed mark-at-server mark-at-client told-at-server told-at-client ports-are-the-kernels
}
@test "a second client behind it, with another key on the same address, is refused while the first is latched (L15, L17, L18)" {
    passed second-refused second-logged first-goes-on
}
@test "rekeys through the router, each end's in turn: not one segment is lost (L12)" {
    passed rekeyed rekey-loses-nothing
}
@test "the router gives the client another UDP port: the latch goes on, and lists the new port (L10, L12)" {
    passed port-has-changed port-latch-goes-on port-is-told
}
@test "weaker SAs with the latch's reqid, added by hand: refused, and the latch breaks with the reason (L3, L8)" {
    passed weak-out-breaks weak-is-gone weak-recovers weak-in-breaks
}
@test "the router gets another address: the server's latch breaks and says why, the client begins anew (L12)" {
    passed move-breaks move-nothing-there move-client-anew
}
@test "the router gets another peer's address: that peer's latches stay its own (L15, L20)" {
    passed theft-refused theft-no-sa theft-owner-back
}
