# A listener's signing keys follow a reload.
load lab.bash

setup_file() { run_lab sign-reload.sh; }

@test "sign: a changed key applies at once to a running listener, and not to its connections (T10, O8)" {
    passed signed old-key-refused connection-keeps-its-key new-key-accepted
}
@test "sign: btnsd says that a listener's keys were changed, and never a key (O87)" { passed new-key-told; }
@test "sign: a reload removes a listener's keys and sets them again, as its rules say (T10, O8)" {
    passed unsigned-when-rules-say-so unsigned-refused-again
}
@test "sign: hosts with different keys say so: one names the peer that does not answer, the other its counters (T10)" {
    passed disagreement-told
}
