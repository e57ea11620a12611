# A listener's signing keys follow a reload.
load lab.bash

setup_file() { run_lab sign-reload.sh; }

@test "sign: a key that was changed holds at once for a listener that runs, and not for its connections (T10, O8)" {
    passed signed old-key-refused connection-keeps-its-key new-key-accepted
}
@test "sign: btnsd says that a listener's keys were changed, and never a key (O87)" { passed new-key-told; }
@test "sign: a reload takes a listener's keys away and gives them back, as its rules say (T10, O8)" {
    passed unsigned-when-rules-say-so unsigned-refused-again
}
@test "sign: hosts whose keys differ are told so: the peer that does not answer, and the counters (T10)" { passed disagreement-told; }
