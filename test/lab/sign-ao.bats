# TCP-AO: real if the kernel has it; otherwise refused with the kernel's release, and nothing is sent.
load lab.bash

setup_file() { run_lab sign-ao.sh; }

has() { cat "$RESULTS.d/tcp-ao"; grep -q ENOPROTOOPT "$RESULTS.d/tcp-ao"; }
needs_ao() { ! has >/dev/null || skip "no TCP-AO here: $(<"$RESULTS.d/tcp-ao")"; }
needs_none() { has >/dev/null || skip "TCP-AO is here: $(<"$RESULTS.d/tcp-ao")"; }

@test "auth = ao without TCP-AO: connect and listen are refused, the kernel is named, and nothing is sent (T10, O8)" {
    needs_none
    passed refused-4 refused-6 refused-with-protect nothing-clear control-clear listener-refused
}
@test "auth = ao without TCP-AO: btnsctl status and the log say so (T10)" { needs_none; passed told logged; }

@test "auth = ao: every segment is signed, with ESP, too (T10, O8)" {
    needs_ao
    passed ao-signed-4 ao-signed-6 ao-every-segment ao-with-protect
}
@test "auth = ao: unsigned segments, another secret, another identifier: nothing is delivered, and the hosts say so (T10, O87)" {
    needs_ao
    passed ao-unsigned-gets-nothing ao-other-secret-gets-nothing ao-other-identifier-gets-nothing ao-told
}
@test "auth = ao: the program can neither read the key in use, preloaded or supervised, nor remove it (T10, O87)" {
    needs_ao
    passed ao-key-not-for-program ao-key-not-removed ao-supervised-finds-no-key
}
@test "auth = ao: a key is replaced by way of two keys and RNextKeyID, and a connection lives through the change (T10)" {
    needs_ao
    passed ao-two-keys ao-new-key ao-new-key-on-the-wire ao-next-key ao-next-key-is-asked-for ao-old-key-gone ao-new-key-alone \
        ao-connection-lives
}
@test "auth = ao: a living connection moves to the new key at a reload, in both directions (T10)" {
    needs_ao
    passed ao-living-talks ao-living-talks-again ao-living-has-new-key ao-living-told
}
@test "auth = ao: a listener's secret is replaced at a reload; no secret is ever shown (T10, O87)" {
    needs_ao
    passed ao-same-identifier-other-secret ao-third-secret ao-secret-not-told
}
