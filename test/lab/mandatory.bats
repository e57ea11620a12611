# Mandatory rules in the kernel.
load lab.bash

setup_file() { run_lab mandatory.sh; }

@test "a Go program, a raw-syscall one, a static one, and any without a shim get no clear packet out (O35, O73)" {
    passed from-the-start raw-gets-nothing raw-under-shim-gets-nothing static-gets-nothing go-gets-nothing go-is-go \
        curl-gets-nothing curl6-gets-nothing port-in-range-gets-nothing nothing-clear-left
}
@test "--prefer does not weaken a mandatory rule; other services are left alone (O35, L24)" {
    passed not-weakened others-untouched
}
@test "protected connections pass, to and from" {
    passed protected-passes protected-was-esp clear-caller-kept-out protected-caller-comes-in
}
@test "blocked traffic stays blocked: refused reload, flush, btnsd killed, stopped, started again" {
    passed refused-reload-keeps flushed-comes-back dead-stays dead-gets-nothing restart-adopts stopped-stays \
        fewer-after-start nothing-clear-ever
}
@test "a user's own policy that lets a peer in to a listener in the clear does not get round them (O35, O73)" {
    passed users-floor-stands users-policy-gets-nothing nothing-clear-by-it
}
@test "the peers that a mandatory rule names, or its refusal of all, hold for a server that is not under btns-run, too (L18)" {
    passed protected-stranger-kept-out closed-stays-closed
}
@test "an accepted reload without the rule ends the block" { passed gone-with-the-rule it-was-the-rule; }
@test "the audit log has all of this, line by line in JSON (O49, O59)" { passed audit-is-json audit-rules audit-denied; }
