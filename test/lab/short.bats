#!/usr/bin/env bats
# Rules on one line with real traffic: what the first five protect, leave alone and refuse.

setup_file() {
    . "$BATS_TEST_DIRNAME/lab.bash"
    run_lab short.sh
}
setup() { . "$BATS_TEST_DIRNAME/lab.bash"; }

@test "protect to HOST port PORT: that service of that host, and nothing else" {
    passed one-host one-host-alone
}

@test "protect user USER: that user's connections, and no other's" {
    passed one-user other-user
}

@test "protect with PEER port PORT: that key, and no other at its address" {
    passed one-peer other-key
}

@test "prefer all: protected where the peer can, else in the clear" {
    passed prefers-protected prefers-clear
}

@test "deny always out port telnet: also outside btns-run, and with the reason" {
    passed denied denied-says-why denied-outside others-go
}

@test "rules on one line that contradict are refused by file and line, and the old ones stay" {
    passed contradiction contradiction-changes-nothing
}
