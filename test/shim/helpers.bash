# Loaded by the tests of the shim: the shim under test, a mock of btnsd, and a server to connect to.

# shellcheck source=test/mock/mock.bash
. "$(dirname "${BASH_SOURCE[0]}")/../mock/mock.bash"
programs=$build/programs
shim=$build/libbtns-shim.so
server_host=127.0.0.1

setup() {
    export BTNS_SOCKET_PATH=$BATS_TEST_TMPDIR/s LOG=$BATS_TEST_TMPDIR/log GREETED=$BATS_TEST_TMPDIR/greeted
    cd "$BATS_TEST_TMPDIR" || return
}

teardown() {
    local pid
    show_stderr
    unmock
    [ ! -e pids ] || while read -r pid; do stop "$pid"; done <pids
}

# until_ring: between two connections, a command that returns when btnsd looks into the program's memory.
until_ring='until grep -q ^RING "$LOG"; do sleep 0.02; done'

# mock [OPTION=VALUE...]: a stand-in for btnsd at $BTNS_SOCKET_PATH, in place of an earlier one.
mock() {
    unmock
    rm -f "$LOG"
    start_mock_at "$BTNS_SOCKET_PATH" "$LOG" "$@"
}

unmock() {
    end_mock_at "$BTNS_SOCKET_PATH"
    rm -f "$BTNS_SOCKET_PATH"
}

# restart [OPTION=VALUE...]: a command that puts another mock in place of the present one.
restart() {
    printf 'env -u LD_PRELOAD bash -c ". %q; mock %s"' "$BATS_TEST_DIRNAME/helpers.bash" "$*"
}

# serve [HOST COUNT HOW]: a greeter in the background; sets port.
serve() {
    local i
    server_host=${1:-127.0.0.1}
    : >"$GREETED"
    "$programs/greeter" "$server_host" "${2:-0}" ${3:+"$3"} >"$GREETED" 3>&- </dev/null &
    echo $! >>"$BATS_TEST_TMPDIR/pids"
    for i in {1..1200}; do
        port=$(sed -n 's/^port //p' "$GREETED")
        [ -z "$port" ] || return 0
        sleep 0.05
    done
    return 1
}

# with_shim COMMAND...
with_shim() {
    LD_PRELOAD=$shim timeout 600 "$@" </dev/null
}

visit() {
    with_shim "$programs/visitor" "$server_host" "$port" "$@"
}

habit() {
    with_shim "$programs/habits" "$1" "$server_host" "$port"
}

# asked TYPE: how many messages of this type the mock was sent.
asked() {
    grep -c "^$1 " "$LOG" || true
}

# soon COMMAND...: waits until it succeeds: the effect of a one-way message.
soon() {
    local i
    for i in {1..3000}; do
        ! "$@" || return 0
        sleep 0.02
    done
    echo "never came true: $*"
    return 1
}

# settled: waits until the mock has read all messages of programs that have ended.
settled() {
    soon eval '! pgrep -P "$(<"$BTNS_SOCKET_PATH.pid")" >/dev/null'
}

asked_is() {
    [ "$(asked "$1")" = "$2" ]
}

# is EXPECTED ACTUAL
is() {
    [ "$1" = "$2" ] && return
    printf 'expected: %s\n     got: %s\n' "$1" "$2"
    return 1
}

# away_from_loopback COMMAND...: runs it in a network namespace with the address 192.0.2.1, from which no packet can
# leave.
away_from_loopback() {
    unshare -rn bash -c 'ip link set lo up && ip addr add 192.0.2.1/32 dev lo && exec "$@"' _ "$@"
}
