# What blind attackers do over IPv6 to a latched connection, and to one in the clear.
load lab.bash

setup_file() { run_lab storm-6.sh; }

@test "IPv6: a latched connection lives through 2^16 RSTs, SYNs, data and forged ICMPv6, at both ends (T1, T3, T4, T6)" {
    passed latched-lives
}
@test "IPv6: each segment is dropped before TCP sees it; one in the clear is provoked, and its data changed (T1, T3, T4, T6, T7)" {
    passed latched-drops-alice latched-drops-bob clear-does-not-live clear-was-provoked
}
@test "IPv6: the counters of both, side by side" {
    passed counters
    sed 's/^/# /' "$RESULTS.d/counters" >&3
}
