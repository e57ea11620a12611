# Thousands of connections of one service between two hosts; `make soak` opens 10,000.
load lab.bash

setup_file() { run_lab latches.sh; }

@test "thousands of connections are latched, at both ends (L1)" {
    sed 's/^/# /' "$RESULTS.d/report" >&3 || true
    passed a-few a-few-latched the-many many-latched
}
@test "the kernel's policies and SAs do not grow with them" { passed no-more-policies; }
@test "a latch costs btnsd 256 bytes at most, and its memory is used again" {
    passed memory-of-a-latch many-gone the-many-again again-latched memory-comes-back
}
@test "connections that a program accepts faster than it can report them are latched, too (L1)" {
    passed again-gone one-more too-many missed-latched
}
@test "the first list after that has all accepted connections, each with the process that has it (L2)" { passed workers-latched; }
@test "when they are closed nothing is left behind (L21)" { passed all-gone nothing-left; }
