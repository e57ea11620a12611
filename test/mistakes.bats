# An administrator's mistakes are noticed, put right where that can be, and named where it cannot.
load lab.bash

setup_file() { run_lab mistakes.sh; }

@test "a flushed SPD is put back at once, guards and floors; connections go on" {
    passed spd-flushed-client spd-flushed-says-so spd-flushed-server floor-is-back
}
@test "a deleted guard is put back" { passed guard-deleted; }
@test "a flushed SAD is agreed anew; connections go on" { passed sad-flushed-client sad-flushed-server; }
@test "an entry above a guard breaks its latches with the reason, and they recover when it is gone (L16)" {
    passed override-breaks-the-latch override-says-why override-refuses-new override-gone-recovers
}
