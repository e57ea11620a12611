# What the shim does not reach, under btns-run's supervisor, between hosts.
load lab.bash

setup_file() { run_lab supervise.sh; }

@test "static and Go programs are protected, and latches are named after them" {
    passed static-fetches static-latch go-fetches esp-seen
}
@test "a static program's refused connection fails, with the rule's name" { passed static-refused static-says-rule; }
@test "a static server: protected clients come in, clear ones do not" {
    passed static-server static-server-latch static-server-shut
}
@test "--require: children without the shim are protected: env -i, chroot, the shim's file removed" {
    passed empty-environment another-root without-its-file unprivileged
}
@test "--require: what cannot be protected does not leave" { passed nothing-else-leaves; }
@test "an address that another thread exchanges meanwhile: only what btnsd allowed is connected" {
    passed exchanged exchanged-some-made
}
@test "no clear packet of all this" { passed no-clear-8000 no-clear-8001 no-clear-8002; }
