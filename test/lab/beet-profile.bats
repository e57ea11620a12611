# The profile mode = beet, with btnsd at each end: see beet-profile.sh.
load lab.bash

setup_file() { LAB_OPTIONS=--nat run_lab beet-profile.sh; }

@test "mode = beet: two hosts behind one router, each latched to its own key, at one port of a server at the same time (L1, L8)" {
    passed fetch-both both-talk told-apart one-outer-address itself
}
@test "mode = beet: a connection and its latch go on when its host moves, and when the router does (L1, L8)" {
    passed moved goes-on same-latch router-moved
}
@test "mode = beet: connections go on through rekeys, when all SAs are deleted, and when btnsd is killed or stopped and started again (invariant 3)" {
    passed rekeyed sad-flushed client-restarted client-stopped server-restarted
}
@test "mode = beet: nothing is sent in the clear, whichever program asks for it, and no clear packet is accepted (invariant 1)" {
    passed clear-in-dropped clear-out-refused bypass-refused udp-refused wire-has-no-clear
}
@test "mode = beet: another key gets no peer's address, identity or name, and no key gets a service that no rule opens (invariant 2, L8)" {
    passed closed-without-a-rule own-key-let-in theft-control theft-of-address theft-of-identity theft-changes-nothing wrong-key-refused
}
@test "mode = beet: changed rules apply to open connections: those of a peer that is no longer permitted end, and so do those without such a rule" {
    passed not-permitted permitted rule-gone rule-back rule-gone-over-kill rule-back-after-kill nothing-left
}
@test "mode = beet: an unknown key is refused with what to do, and explain names the mode (O46)" {
    passed unknown-refused explained explained-accept
}
