# keys = manual: latches over states made by hand.
load lab.bash

setup_file() { run_lab manual.sh; }

@test "manual: no latch without states, or with weaker ones (L3, L17, Uc)" {
    passed manual-none-refused manual-weaker-key manual-weaker-icv manual-no-window manual-other-reqid
}
@test "manual: curl over states made by hand, to a host without btnsd (L1)" {
    passed manual-curl manual-curl-big manual-esp
}
@test "manual: the latch shows its key manager, and that only the reqid identifies the peer (L4, L9)" {
    passed manual-listed manual-table manual-talks
}
@test "manual: new states take over when the old ones are deleted (L12)" {
    passed manual-beside manual-moved manual-moved-pins
}
@test "manual: a weaker state of the reqid breaks the latch, until the state is deleted (L3, L8)" {
    passed manual-weaker-breaks manual-weaker-gone-mends manual-talks-again
}
@test "manual: flushed states break the latch, and nothing passes; new states mend it (L8, L14)" {
    passed manual-flushed-fails manual-flushed-reason manual-flushed-holds manual-recovers manual-goes-on
}
@test "manual: btnsd killed, its latches go on; another btnsd resets or blocks what it cannot explain (L14)" {
    passed manual-killed-goes-on manual-known-reset manual-anew manual-restarted-blocks
}
@test "manual: an ordinary stop of btnsd does not open what it has blocked (L14)" {
    passed manual-stop-leaves-blocked manual-started-blocks
}
@test "manual: answers to a peer that does not know of the connection's end leave over the states, also after another restart and a refusal (L1)" {
    passed manual-stays manual-stays-over-restart manual-refused manual-stays-after-refusal
}
@test "manual: the peer of a reset connection is answered over the states, never in the clear (L7, L8)" {
    passed manual-reset-reaches-bob manual-never-clear
}
@test "manual: users' policies cannot ask for it; explain names the key manager" { passed manual-not-for-users manual-explained; }
@test "manual: states without a replay window only for rules that accept that (Uc)" { passed manual-no-window-accepted; }
@test "manual: never a clear packet; the administrator's states stay (L8)" {
    passed manual-never-clear manual-states-stay
}
