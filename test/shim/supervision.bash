# Loaded by the tests of btns-run as a supervisor.

setup() {
    export BTNS_SOCKET_PATH=$BATS_TEST_TMPDIR/s LOG=$BATS_TEST_TMPDIR/log GREETED=$BATS_TEST_TMPDIR/greeted
    runner=$build/btns-run
    export ASAN_OPTIONS=verify_asan_link_order=0 # of a btns-run with sanitizers under another's shim
    unset LD_PRELOAD BTNS_MODE BTNS_POLICY BTNS_VERBOSE BTNS_MARK BTNS_SOCKETS
    cd "$BATS_TEST_TMPDIR" || return
}

# supervised [OPTION...] COMMAND...
supervised() { timeout 300 "$runner" "$@" </dev/null; }

# Each builds a client of another kind in DIRECTORY, and fails if the compiler for it is not installed.
make_ring_client() {
    [ -e /usr/include/liburing.h ] || return
    gcc -D_GNU_SOURCE -I"$BATS_TEST_DIRNAME/../.." -o "$1/ring-client" "$BATS_TEST_DIRNAME/../shim/ring_client.c" -luring
}
make_fetch_rs() {
    [ -n "$(type -P rustc)" ] || return
    rustc --edition 2021 -C target-feature=+crt-static -o "$1/fetch-rs" "$BATS_TEST_DIRNAME/../shim/fetch.rs"
}

# ways VERDICT NAME...: under --require each way is left as named, from a program that has an address of its own
ways() {
    local verdict=$1 name
    shift
    for name; do
        grep -qx "$name: $verdict" left || { echo "$name is not $verdict"; cat left said; return 1; }
    done
}
