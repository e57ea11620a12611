# Refused connections, traffic that is left alone, and the messages about both.
load lab.bash

setup_file() { run_lab refuse.sh; }

@test "protect fails within its limit when the peer has no btnsd, and sends nothing clear (L7, L13)" {
    passed protect-fails-curl protect-fails-wget protect-sent-nothing-clear failed-leaves-nothing
}
@test "the message about the failure names program, peer and rule, and what to do; the errno is EPERM" {
    passed protect-says-program-peer-rule protect-says-what-to-do protect-errno-blocking
}
@test "prefer goes on in the clear, says so once, and is listed as unprotected (L24)" {
    passed prefer-goes-on prefer-says-so-once prefer-blocking-says-so prefer-listed prefer-was-clear
}
@test "discard is EACCES and names its rule; not even --require overrides it (L11, L24)" {
    passed discard-eacces discard-says-rule discard-is-refused-to-require
}
@test "bypass goes in the clear" { passed bypass-connects bypass-is-clear; }
@test "loopback and the host's own addresses are untouched, IPv4 and IPv6" {
    passed loopback-v4 loopback-v6 own-address-v4 own-address-v6 own-loopback-v6
}
@test "a clear client of a protected server reaches nothing (L7, O86)" {
    passed clear-client-gets-nothing clear-client-v6-gets-nothing clear-client-never-reached clear-client-no-answer
}
@test "a program without rules is protected on the same service, clear on others, and broken on none" {
    passed protected-fetch outsider-same-service outsider-other-service outsider-other-was-clear outsider-same-was-protected
}
@test "an attempt to protect a service that cannot be protected does not break others' clear connections to it" {
    passed outsider-not-held-by-blocking outsider-goes-on-after-nonblocking
}
@test "a malformed policy is refused with file and line, and the old rules stay (O4, O34)" {
    passed policy-missing-brace policy-unknown-field policy-old-rules-stay policy-status-says-so
}
@test "btns-run --policy, --check" { passed user-policy user-policy-refused check-runs-nothing; }
@test "without btnsd no program is run unprotected, and btnsctl says what is wrong" {
    passed absent-fails-closed absent-btnsctl
}
