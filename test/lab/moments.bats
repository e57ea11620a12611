# Crashes and moves, measured, natively and protected. `make soak` has all of them.
load lab.bash

setup_file() { run_lab moments.sh; }

@test "how long until a new connection works, after power cuts and restarts" {
    sed 's/^/# /' "$RESULTS.d/report" >&3 || true
    passed cut-idle-works cut-open-works restart-alice-works restart-bob-works
}
@test "a peer back from a power cut is found by a connection without an answer, not by IKE's clock, and that is said" {
    passed cut-idle-before-charon-gave-up cut-open-before-charon-gave-up cut-open-says-so
}
@test "it is found, too, by an open connection that has no answer while nobody connects anew" {
    passed cut-alone-ends cut-alone-before-charon-gave-up
}
@test "the peer, back, is asked at once about a connection that waits, not when TCP would (L14)" { passed cut-alone-asked-at-once; }
@test "a peer whose key is lost is refused, and a connection that was open is told, until a person forgets the key (L8, L14)" {
    passed cut-key-lost-old-connection-ends cut-key-lost-says-so cut-key-lost-refused cut-key-lost-program-says-so cut-key-lost-forget cut-key-lost-works
}
@test "what was open over a power cut ends, and over a restart of btnsd it goes on (L14)" {
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
