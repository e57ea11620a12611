# Attacks on the promise: the same peer key for a connection's whole life, and nothing in the clear.
load lab.bash

setup_file() { run_lab mallory.sh; }

@test "first contact is a leap of faith; known-key then refuses a changed key, and says how to accept it" {
    passed leap-lands-on-who-is-there leap-is-recorded changed-key-refused changed-key-forgotten after-forget
}
@test "another key on a known peer's address is refused (L15, L18)" { passed known-key-refuses-mallory bob-again; }
@test "exact clear RST, SYN and data segments do not touch a latched flow; they kill a clear one (L8, T10)" {
    passed control-attack-kills-a-clear-flow clear-segments-bounce-off clear-segments-were-dropped-before-tcp
}
@test "takeover of the address of an established latch: it fails, says why, and nothing reaches mallory (L1, L8, L12)" {
    passed takeover-latch-fails takeover-says-why takeover-nothing-reached-mallory takeover-nothing-delivered \
        takeover-wire-has-no-clear takeover-new-connection-refused takeover-from-mallory-as-client
}
@test "an impostor who claims bob's key in the introduction cannot prove it" {
    passed impostor-refused impostor-not-recorded impostor-got-no-sa bob-still-there
}
