# Mallory, with a key of his own, takes the address of either end of a connection that is established, or ending.
load lab.bash

setup_file() { run_lab takeover-late.sh; }

@test "takeover of an established connection, from either end; the connection goes on when mallory is gone (L1, L8, L12)" {
    passed established-alice established-alice-goes-on established-bob established-bob-goes-on
}
@test "takeover of a half-closed connection, from either end (L8)" {
    passed half-closed-alice half-closed-alice-goes-on half-closed-bob half-closed-bob-goes-on
}
@test "takeover in TIME_WAIT, of either end: not even an acknowledgement is clear (L8, L21)" {
    passed time-wait-alice time-wait-bob mallory-was-sent-nothing
}
