# libbtns between hosts: its reports compared with the kernel, listeners, the example, and programs in Rust and Go.
load lab.bash

setup_file() {
    build=${BTNS_LAB_BUILD:-${BTNS_BUILD:-$repo/build}}
    [[ -z $(type -P rustc) ]] || rustc --edition 2021 -O -o "$build/programs/who-rs" "$repo/test/programs/who.rs"
    [[ -z $(type -P go) ]] || GOCACHE=$BATS_FILE_TMPDIR/go GO111MODULE=off CGO_CFLAGS=-I$repo/libapi CGO_LDFLAGS=-L$build \
        go build -o "$build/programs/who-go" "$repo/test/programs/who.go"
    LAB_OPTIONS=--nat run_lab api-hosts.sh
}

@test "libbtns reports of a connection what the kernel and charon have: at both ends, and through a NAT (A12, L10)" {
    passed truth-client truth-server truth-nat-client truth-nat-server
}
@test "libbtns still agrees with them during and after a rekey, when the latch breaks, and when it has recovered (A12)" {
    passed truth-client-rekeying truth-server-rekeying truth-rekeyed truth-broken truth-recovered
}
@test "libbtns agrees with them about datagrams, too, and about the sender of one: with shim and library together, through a NAT, and after a rekey (A2, A14, L10, L23)" {
    passed udp-server-holds udp-nat-server-holds udp-client-holds udp-nat-client-holds udp-sender udp-nat-sender truth-udp-client \
        truth-udp-server truth-udp-nat-client truth-udp-nat-server truth-udp-rekeyed
}
@test "ipsec_watch() tells of a connection and of a connected datagram socket when the latch breaks and recovers (A12, L13)" {
    passed watch-client watch-server watch-udp-broken truth-udp-broken watch-udp-recovered watch-udp-server
}
@test "a listener's policy and its expected peer apply to the connections that it accepts: none in the clear, and none from another peer (A5, A13)" {
    passed listener-lets-in listener-told listener-drops-clear listener-refuses
}
@test "the example: client and server remember each other across runs, and nothing is heard in the clear" {
    passed kv-set kv-get kv-again kv-remembers kv-drops-clear
}
@test "the example refuses another peer at the address: the client before it sends, the server before it answers" {
    passed kv-client-refuses kv-client-silent kv-server-refuses kv-server-keeps
}
@test "a program in Rust, by dlopen, reads its peer, and refuses another" {
    [[ -n $(type -P rustc) ]] || skip 'rustc is not installed'
    passed who-rs-who who-rs-refuses
}
@test "a program in Go, by cgo, reads its peer, goes on with net.Conn, and refuses another" {
    [[ -n $(type -P go) ]] || skip 'go is not installed'
    passed who-go-who who-go-refuses go-goes-on
}
