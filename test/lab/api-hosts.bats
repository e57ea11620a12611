# libbtns between hosts: the truth, listeners, the example, and a program in Rust.
load lab.bash

setup_file() {
    build=${BTNS_LAB_BUILD:-${BTNS_BUILD:-$repo/build}}
    [[ -z $(type -P rustc) ]] || rustc --edition 2021 -O -o "$build/programs/who-rs" "$repo/test/programs/who.rs"
    LAB_OPTIONS=--nat run_lab api-hosts.sh
}

@test "what libbtns tells of a connection is what the kernel and charon have: at both ends, and through a NAT (A12, L10)" {
    passed truth-client truth-server truth-nat-client truth-nat-server
}
@test "it still is during and after a rekey, when the latch breaks, and when it has recovered (A12)" {
    passed truth-client-rekeying truth-server-rekeying truth-rekeyed truth-broken truth-recovered
}
@test "a listener's policy and its expected peer hold for what it accepts: not in the clear, and nobody else (A5, A13)" {
    passed listener-lets-in listener-told listener-drops-clear listener-refuses
}
@test "the example: client and server remember each other across runs, and nothing is heard in the clear" {
    passed kv-set kv-get kv-again kv-remembers kv-drops-clear
}
@test "the example refuses another one at the address: the client before it sends, the server before it answers" {
    passed kv-client-refuses kv-client-silent kv-server-refuses kv-server-keeps
}
@test "a program in Rust, by dlopen, reads its peer, and refuses another" {
    [[ -n $(type -P rustc) ]] || skip 'rustc is not installed'
    passed rust-who rust-refuses
}
