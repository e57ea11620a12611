#!/usr/bin/env bats
# An unprivileged user of its host attacks btnsd: on the running kernel, in namespaces, without ESP.

setup() {
    [[ $EUID -eq 0 ]] && unshare -n true 2>/dev/null || skip "needs root, and network namespaces"
}

# attack SCRIPT: runs it on a host of its own, and prints the failures.
attack() {
    run timeout 600 "$BATS_TEST_DIRNAME/attack/host.sh" "$1"
    echo "$output" | grep -v '^ok'
    [[ $status -eq 0 && ${lines[-1]} =~ ^1\.\.[1-9] ]]
}

@test "no claim to a port closes another user's server, and no server is open for a moment (O57)" {
    attack floors.py
}

@test "memory that a user shares with btnsd: rubbish in it harms nobody, and its messages count as that user's (O57)" {
    attack ring.py
}

@test "a flood of requests to speak for others' processes: refused, and other users do not notice (O57)" {
    attack speak.py
}

@test "every request with every kind of descriptor: no other user's state changes (O57, O72)" {
    attack every.py
}

@test "a protected connection that a BPF program at connect() sends elsewhere is stopped, and its program is told why (L5, L7)" {
    exec 8>/run/lock/btns-test-bpf && flock 8 # btnsd sees every BPF program of the machine: one test at a time may have one
    attack rewritten.py
}
