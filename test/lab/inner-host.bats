# The address, route and entries that a host makes for mode = beet: see inner-host.sh.
load lab.bash

setup_file() { run_lab inner-host.sh; }

@test "mode = beet: with the rule a host has its inner address, route, blocks and names; after the end of the rule, or of btnsd, nothing (invariant 5)" {
    passed none-at-first beet-alice beet-bob on-with-the-rule back-after-a-flush back-after-a-delete rule-gone again nothing-after-the-end
}
@test "mode = beet: after a kill and a start, btnsd has the same again; or nothing, if the rule is gone (invariant 3)" {
    passed kill-leaves-it adopted gone-after-kill-without-the-rule
}
@test "mode = beet: programs find a peer by its name, and connect in ESP to the peer's key (L1)" {
    passed named in-words getent curl only-esp
}
