# Mallory, with a key of his own, takes the address of either end before a connection is established.
load lab.bash

setup_file() { run_lab takeover-early.sh; }

@test "the control: what mallory sends does harm to a connection without btns, at either end" {
    passed control-harms-a-clear-client control-harms-a-clear-server
}
@test "takeover before the SYN: mallory is not sent one, with a guard in place or without (L7, L15)" {
    passed first-connection before-syn-warm before-syn-cold
}
@test "takeover during IKE: no SA with him, nothing clear (L7, L18)" { passed during-ike during-ike-goes-on; }
@test "takeover during the handshake, from either end: nothing accepted, nothing sent (L7, L8)" {
    passed syn-sent syn-sent-goes-on syn-received syn-received-goes-on
}
@test "takeover while connect() waits for the answer: it fails at once with the reason, nothing is clear, and an event reports it (L6, L7, L13)" {
    passed attempt-ends-as-though-reset attempt-ends-nothing-clear attempt-end-is-told
    passed blocking-attempt-fails-with-the-reason blocking-attempt-nothing-clear attempt-afterwards-is-whole
}
@test "mallory's server got no request" { passed mallory-was-sent-nothing; }
