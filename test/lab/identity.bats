# Rules that name the peer: only that peer, in both roles; a weaker identity never gets through.
load lab.bash

setup_file() { run_lab identity.sh; }

@test "a named peer is reached; if no peer has that name, none is; the latch says how the peer was authenticated (L3, L9, O56)" {
    passed nobody-has-the-name name-is-listed named-fetches named-latched named-how named-how-server
}
@test "latched parameters stay: another name, address or suite is refused with the reason (L12, L17)" {
    passed rename-while-latched move-while-latched other-suite-while-latched other-name-while-latched latch-goes-on
}
@test "a service for one name: IKE and the kernel keep out other peers, although they have keys (L18, L19)" {
    passed permitted-in stranger-open stranger-kept-out stranger-no-guard stranger-not-served \
        stranger-nothing-clear floor-above-charon back-from-port-is-kept-out
}
@test "every pair of hosts has SA keys of its own, one for each direction (O87)" {
    passed stranger-beside stranger-open keys-differ
}
@test "an any-key peer does not speak for a pinned address, in either role (L18)" {
    passed pinned-refuses-any-key pinned-refuses-listed pinned-refuses-as-client pinned-no-sa-at-alice \
        takeover-not-served takeover-nothing-clear
}
@test "nor for an address and service for which another program's rule names the peer (L18)" {
    passed owned-refuses-any-key unowned-is-any-keys
}
@test "a reload withdraws a peer's permission for a service: its latches there break, rule-withdrawn (L18, O10)" {
    passed withdraw-latched withdrawn-breaks withdrawn-stays-broken withdrawn-not-let-in
}
@test "only a peer with the suite that a rule about accepting asks for gets in (L3, L17, L19, O44)" {
    passed other-suite-refused same-suite-taken
}
