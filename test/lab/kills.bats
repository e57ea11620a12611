# Each process killed at random moments of a transfer. SEED=... repeats a run; `make soak` kills each 20 times.
load lab.bash

setup_file() { run_lab kills.sh; }

@test "client, server, either btnsd and either charon are killed at random moments (L14)" {
    sed 's/^/# /' "$RESULTS.d/report" >&3 || true
    passed killed
}
@test "invariant 1: nothing clear leaves, and the SPD never allows it, after each kill and between (L7, L8, L22)" {
    passed invariant-1 no-clear
}
@test "invariant 2: nothing is sent to another key, by the SPD and by the SPIs on the wire (L3, L12)" {
    passed invariant-2 spis-of-the-pair
}
@test "invariant 3: latched connections go on or are reset, and killed processes serve again (L14)" { passed invariant-3; }
@test "invariant 4: clear connections to another service work all the while" { passed invariant-4; }
@test "invariant 5: at the end nothing is left behind at either host (L21)" { passed all-gone-alice all-gone-bob; }
@test "btnsd's memory does not grow with what is killed around it" { passed memory-bounded; }
