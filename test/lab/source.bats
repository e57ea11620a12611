# The kernel chooses the source address of a protected connection, which may differ from the one that btnsd has
# predicted.
load lab.bash

setup_file() { run_lab source.sh; }

@test "source: the ordinary route (control)" { passed plain; }
@test "source: a route by user, cold and blocking or not: protected from the address it chose (L5, L7)" {
    passed user-4 user-4nonblock user-6 user-6nonblock
}
@test "source: a route by service (L5, L7)" { passed port-4 port-4nonblock port-6 port-6nonblock; }
@test "source: a route by TOS, also for a verdict from the cache (L5, L7)" {
    passed tos-4 tos-4nonblock tos-6 tos-6nonblock tos-warm-4 tos-warm-4nonblock tos-warm-6 tos-warm-6nonblock
}
@test "source: a preference for temporary addresses: the guard for the real address is made on ACQUIRE (L5, L7)" {
    passed preference preferencenonblock
}
@test "source: a connection from an address that btnsd did not know yet is reset, and that is logged (L13)" {
    passed new-address-reset new-address-told
}
@test "source: an address by a local route alone (AnyIP), cold and by a verdict from the cache: protected (L5, L7)" {
    passed prefix prefixnonblock prefix-warm prefix-warmnonblock
}
@test "source: another program's traffic from such an address is protected, and the host's own to it goes on" {
    passed prefix-others prefix-itself prefix-itself-6
}
@test "source: a socket bound to an address that no interface has is refused, and the reason is said (L5)" { passed prefix-6; }
@test "source: multipath by ports: both source addresses (L5, L7)" { passed multipath multipath-both-ways multipath-nonblock; }
@test "source: the log says what was held, and why" { passed healed-is-said; }
@test "source: another program's traffic from another address is protected, and not broken" { passed others-go-on; }
@test "source: no clear packet at either end (L5, L7)" { passed nothing-clear-alice nothing-clear-bob esp-was-used; }
