# What blind attackers do to a latched connection, and to one in the clear.
load lab.bash

setup_file() { run_lab storm.sh; }

@test "a latched connection lives through 2^16 RSTs, SYNs, data in the window and forged ICMP, at both ends (T1, T3, T4, T6)" {
    passed latched-lives
}
@test "the kernel drops each of those segments before TCP sees it, and no challenge ACK is sent (T1, T3, T4, T6, T7)" {
    passed latched-drops-alice latched-drops-bob
}
@test "the same on a connection in the clear: its data is changed, and its TCP sends challenge ACKs (T3, T4, T6)" {
    passed clear-does-not-live clear-was-provoked
}
@test "the counters of both, side by side" {
    passed counters
    sed 's/^/# /' "$RESULTS.d/counters" >&3
}
