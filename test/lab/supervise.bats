# Programs that the shim does not reach, under btns-run's supervisor, between hosts.
load lab.bash
load ../shim/supervision.bash

setup_file() {
    programs=${BTNS_LAB_BUILD:-${BTNS_BUILD:-$repo/build}}/programs
    make_ring_client "$programs" || true
    make_fetch_rs "$programs" || true
    run_lab supervise.sh
}
setup() { :; }

# passed_or_skip NAME...: skips if the first check was not made, because its compiler or program is not installed
passed_or_skip() { grep -q " $1$" "$RESULTS" || skip "there is nothing to try it with"; passed "$@"; }

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
@test "--require: an io_uring program falls back, and is protected" { passed_or_skip io-uring io-uring-latch; }
@test "a static program in Rust is protected" { passed_or_skip rust rust-latch; }
@test "--require: connect() by cffi is protected" { passed_or_skip cffi cffi-latch; }
@test "--require: bubblewrap's sandbox is protected, without the shim and with it" {
    passed_or_skip bubblewrap bubblewrap-latch bubblewrap-shim
}
@test "--require: packets that cannot be protected do not leave" { passed nothing-else-leaves; }
@test "an address that another thread exchanges meanwhile: only the address that btnsd allowed is connected" {
    passed exchanged exchanged-some-made
}
@test "UDP of programs without the shim is protected, of a server and of clients, by a rule and under --require" {
    passed udp-server udp-floor udp-rule udp-connected udp-latch udp-require udp-static
}
@test "no packet of all this was clear" { passed no-clear-8000 no-clear-8001 no-clear-8002 no-clear-udp; }
