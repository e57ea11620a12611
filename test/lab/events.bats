# Changes of latches: reported to watchers, and known to a btnsd that was killed and started again.
load lab.bash

setup_file() { run_lab events.sh; }

@test "a latch's whole life is reported, with program and peer (L6)" { passed peer-new whole-life named server-told end-names-both-ports; }
@test "users are told of their own latches alone (O49)" { passed others-not-told; }
@test "a broken latch is reported with the reason, and its recovery when the cause is gone (L6, L8)" {
    passed broken-told broken-listed recovered-told goes-on
}
@test "an overflow of the kernel's reports: btnsd compares everything, and misses no change (L8, L22)" {
    passed overflow-nothing-changed overflow-override-noticed overflow-recovery-noticed overflow-flush-noticed
    passed overflow-weaker-sa-noticed overflow-sas-come-back overflow-goes-on
}
@test "btnsd killed and started again: latches keep program, pid and rule (L14)" {
    passed watcher-ends names-survive rules-survive listeners-survive established-again gone-with-its-program
}
@test "the registry is root's, and refused whole when it is not well-formed (L14)" {
    passed registry-is-roots mess-refused
}
@test "files that btnsd was killed while writing are removed at its next start" { passed unfinished-are-removed; }
@test "a crashed program is noticed at once, unless another process has inherited its socket or was passed it (L21)" {
    passed waits child-still-has-it crashed-is-noticed its-socket-too crashed-is-noticed-first receiver-still-has-it passed-is-noticed
}
@test "a privileged program may bypass a guard with one socket; others may not (L11, L24)" {
    passed bypass-goes-clear bypass-is-for-root bypass-with-the-capability bypass-around-a-guard
}
@test "connections that new rules discard are closed, reported and reset (L6, L13)" { passed withdrawn-told withdrawn-reset; }
@test "no latch to flagged addresses and keys, or none at all: fails closed, with the reason (L20)" {
    passed no-latch-range no-latch-range-told no-latch-key no-latch-taken-back switched-off
}
@test "nothing is left behind at the end (L21)" { passed nothing-left-alice nothing-left-bob; }
