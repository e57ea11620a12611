# Actions that are chained: sign (TCP-MD5) and random-port, on the wire.
load lab.bash

setup_file() { run_lab sign.sh; }

@test "sign: every segment of an unmodified program has the option, for every kind of call (T10, O8, O11)" {
    passed signed-4 signed-6 signed-every-segment-4 signed-every-segment-6 signed-every-way signed-key-stays signed-key-stays-supervised \
        signed-with-key-that-stays
}
@test "sign: a listener demands signatures of its rule's peers alone, and logs that (O8, O43)" {
    passed signed-not-for-earlier-rule signed-listed
}
@test "sign: a host without the key, with another key, or alone with the key gets and delivers nothing (T10, O87)" {
    passed unsigned-gets-nothing wrong-key-gets-nothing signed-alone-gets-nothing
}
@test "sign: exact segments from off the path do not harm the connection; they end one that is not signed (T10)" {
    passed blind-signed-lives blind-dropped blind-control-dies
}
@test "sign with protect: segments are signed within ESP, and neither is enough alone (O8, O11)" {
    passed both-fetches both-esp both-needs-signature
}
@test "sign: the key is in btnsd and the kernel, not in the program, nor in btnsd's children; later zeroed (O87)" {
    passed key-not-for-program key-in-btnsd key-not-in-its-children key-never-told key-zeroed
}
@test "sign: explain, the program's messages and latches name the key's file (O46)" {
    passed sign-explained sign-explained-accept sign-verbose
}
@test "sign: a segment that the kernel cannot sign is not sent (O8)" { passed sign-not-to-be-had; }
@test "random-port: many connections' ports are spread; a program's own is left; reserved ones are not used (T9)" {
    passed ports-spread ports-control ports-own ports-reserved-and-out
}
@test "random-port with protect: the latch is the same as without (T9, O8)" {
    passed ports-latched ports-latched-listed ports-latched-esp
}
