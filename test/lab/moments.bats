# Crashes and moves, measured, natively and protected. `make soak` has all of them.
load lab.bash

setup_file() { run_lab moments.sh; }

@test "how long until a new connection works, after power cuts and restarts" {
    sed 's/^/# /' "$RESULTS.d/report" >&3 || true
    passed cut-idle-works cut-open-works restart-alice-works restart-bob-works
}
@test "a peer that is back from a power cut is noticed by a connection without an answer, not by IKE's clock, and that is logged" {
    passed cut-idle-before-charon-gave-up cut-open-before-charon-gave-up cut-open-says-so
}
@test "it is also noticed by an open connection without an answer while no program connects anew" {
    passed cut-alone-ends cut-alone-before-charon-gave-up
}
@test "the returned peer is asked at once about a waiting connection, not only when TCP sends again (L14)" {
    passed cut-alone-asked-at-once
}
@test "a peer whose key is lost is refused until a person forgets the key, and the program of an open connection is told (L8, L14)" {
    passed cut-key-lost-old-connection-ends cut-key-lost-says-so cut-key-lost-refused cut-key-lost-program-says-so cut-key-lost-forget cut-key-lost-works
}
@test "connections that were open during a power cut end; those during a restart of btnsd go on (L14)" {
    passed cut-open-old-connection-ends restart-alice-goes-on restart-bob-goes-on
}
@test "nothing is in the clear at any of these moments (L7, L8)" {
    passed cut-idle-nothing-clear cut-open-nothing-clear cut-alone-nothing-clear cut-key-lost-nothing-clear restart-nothing-clear
}
@test "nothing is left behind (L21)" { passed cut-idle-nothing-left cut-open-nothing-left cut-alone-nothing-left cut-key-lost-nothing-left restart-nothing-left; }
@test "every check of the script passes, with all rows too" {
    not_passed=$(grep '^not ok' "$RESULTS" || true)
    [ -z "$not_passed" ] || { echo "$not_passed"; return 1; }
}
