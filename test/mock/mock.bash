# The stand-in for btnsd: test/mock/main.c says what its options are.

build=${BTNS_BUILD:-$(dirname "${BASH_SOURCE[0]}")/../../build}

# start_mock_at SOCKET LOG [OPTION=VALUE...]: returns when it listens.
start_mock_at() { "$build/programs/mock" "$@"; }

# end_mock_at SOCKET: the socket's file stays. The mock's processes, one for each connection, die with it, but not at
# once: a request to one that is about to die is lost.
end_mock_at() {
    local pid of_it
    [ -e "$1.pid" ] || return 0
    pid=$(<"$1.pid")
    of_it=$(pgrep -P "$pid") || true
    stop "$pid"
    for pid in $of_it; do ended "$pid"; done
    rm -f "$1.pid"
}

# stop PID: ends it and returns when it is gone.
stop() {
    kill -9 "$1" 2>/dev/null || return 0
    ended "$1"
}

# ended PID: returns when it is.
ended() {
    local i
    for i in {1..3000}; do
        [ -d "/proc/$1" ] && ! grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null || return 0
        sleep 0.02
    done
    return 1
}

# show_stderr: for teardown(). After a failed test, prints the standard error of its last `run --separate-stderr`, which
# often says why.
show_stderr() {
    [ -n "$BATS_TEST_COMPLETED" ] || [ -z "${stderr-}" ] || printf 'its standard error: %s\n' "$stderr"
}
