# keys = system and manual at accept: listeners whose callers come by SAs that an administrator makes.
load lab.bash

setup_file() { run_lab callers.sh; }

@test "manual: at accept no peer gets in in the clear, by a weaker SA or by another reqid (L3, L8, L17)" {
    passed hand-listens hand-clear hand-weaker hand-weaker-told hand-other-reqid
}
@test "manual: a peer that comes by the rule's reqid is latched to it (L1, L4, L9)" {
    passed hand-talks hand-listed hand-guard
}
@test "manual: at accept new states take over; a weaker one, or none, breaks the latch until there is a good one (L3, L12, L14)" {
    passed hand-moves hand-moved-talks hand-weaker-breaks hand-weaker-silent hand-mended hand-flushed \
        hand-flushed-silent hand-back
}
@test "manual: a rule that asks for other peers withdraws latches of callers; the listener's end deletes the guard (L11, L21)" {
    passed hand-withdrawn hand-withdrawn-silent hand-given-back hand-ended hand-states-stay
}
@test "system: at accept no peer gets in while the administrator's IKE daemon is away, or by a weaker SA (L3, L14)" {
    passed vpn-away vpn-away-told vpn-weaker vpn-weaker-told
}
@test "system: a peer that comes by an SA of the rule's identity is latched to it (L1, L4, L9)" {
    passed vpn-talks vpn-listed vpn-proof
}
@test "system: another identity's SA by the same connection does not reach the program (L8, L17)" {
    passed vpn-mallory-is-there vpn-mallory vpn-mallory-told
}
@test "system: at accept rekeys by either end move the pins, and the latch lives (L12)" {
    passed vpn-rekey-moves vpn-rekey-talks vpn-rekey-by-caller vpn-rekey-by-caller-talks
}
@test "system: at accept the latch breaks when the SA is gone, and when the IKE daemon is (L14)" {
    passed vpn-gone vpn-gone-silent vpn-gone-back vpn-killed vpn-killed-silent vpn-killed-back
}
@test "system: another identity on the latched caller's address breaks the latch, and gets nothing (L8, L17, L18)" {
    passed vpn-taken-over vpn-taken-over-reason vpn-taken-over-silent
}
@test "keys of others at accept: never a clear packet from either service (L8)" { passed never-clear; }
