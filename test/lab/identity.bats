# Who the other end must be: a name, and nobody else, in both roles; what is weaker never gets through.
load lab.bash

setup_file() { run_lab identity.sh; }

@test "a named peer is reached; without a peer of that name nobody is; the latch says how it was authenticated (L3, L9, O56)" {
    passed nobody-has-the-name name-is-listed named-fetches named-latched named-how named-how-server
}
@test "latched parameters stay: another name, address or suite is refused, and says why (L12, L17)" {
    passed rename-while-latched move-while-latched other-suite-while-latched other-name-while-latched latch-goes-on
}
@test "a service for one name: others with a key stay out, by IKE and by the kernel (L18, L19)" {
    passed permitted-in stranger-open stranger-kept-out stranger-no-guard stranger-not-served \
        stranger-nothing-clear floor-above-charon back-from-port-is-kept-out
}
@test "every pair of hosts has keys of its own, one a direction (O87)" { passed stranger-beside stranger-open keys-differ; }
@test "an any-key peer does not speak for a pinned address, in either role (L18)" {
    passed pinned-refuses-any-key pinned-refuses-listed pinned-refuses-as-client pinned-no-sa-at-alice \
        takeover-not-served takeover-nothing-clear
}
@test "nor for an address that another program's rule with a name owns, for its service alone (L18)" {
    passed owned-refuses-any-key unowned-is-any-keys
}
@test "a reload withdraws a peer's permission for a service: its latches there break, rule-withdrawn (L18, O10)" {
    passed withdraw-latched withdrawn-breaks withdrawn-stays-broken withdrawn-not-let-in
}
@test "the suite that a rule about accepting asks for is the only one that gets in (L3, L17, L19, O44)" {
    passed other-suite-refused same-suite-taken
}
