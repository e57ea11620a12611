# BEET mode without btnsd, as docs/beet.md describes it: inner addresses that are derived from keys.
load lab.bash

setup_file() { LAB_OPTIONS=--nat run_lab beet.sh; }

@test "BEET: two hosts behind one router, each with its own key, at one port of a server at the same time (L1, L8)" {
    passed up both-answered told-apart one-outer-address mss packet
}
@test "BEET: a connection goes on when its host moves to another address, and nothing of it is in the clear (L1, L8)" {
    passed moved old-address-gone goes-on wire-has-no-clear
}
@test "BEET: an inner address is its key's alone: another key, or clear packets from it, get nothing (L1, L8)" {
    passed native-control floor-stops-strangers clear-with-carols-address theft-refused theft-changes-nothing
}
