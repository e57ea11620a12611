# An administrator's mistakes are noticed, repaired if possible, and otherwise named.
load lab.bash

setup_file() { run_lab mistakes.sh; }

@test "after a flush of the SPD, guards and floors are written again at once; connections go on" {
    passed spd-flushed-client spd-flushed-says-so spd-flushed-server floor-is-back
}
@test "a deleted guard is written again" { passed guard-deleted; }
@test "after a flush of the SAD, new SAs are negotiated; connections go on" {
    passed sad-flushed-client sad-flushed-server sad-flushed-says-so
}
@test "an entry above a guard breaks its latches with the reason, and they recover when the entry is gone (L16)" {
    passed override-breaks-the-latch override-says-why override-lets-nothing-out override-refuses-new override-gone-recovers
}
@test "an SA weaker than what is latched, of its reqid, is deleted and breaks the latch, out and in (L3, L8, L19)" {
    for spi in 0x9001 0x9002; do
        passed weaker-sa-breaks-$spi weaker-sa-says-why-$spi weaker-sa-is-gone-$spi weaker-sa-recovers-$spi
    done
}
@test "another IKE daemon on the port: latches break, btnsctl says what to do, nothing is clear, and all recovers (L14)" {
    passed port-taken-later port-breaks-the-latch port-says-what-to-do port-log-says-it-once port-refuses-new-at-once \
        port-let-nothing-out port-given-back-recovers port-taken-at-start
}
@test "a child SA that charon has and btnsd does not know of is ended and negotiated anew" {
    passed child-unknown-to-btnsd child-of-old-is-replaced
}
@test "another program that gets the port before charon does is noticed and named, and btnsd waits until the port is free" {
    passed port-lost-in-a-race port-race-recovers
}
@test "a cached verdict ends with the guard that it names (L7, L13)" { passed warm-verdict-was-good warm-verdict-ended; }
