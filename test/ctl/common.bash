# For the tests of btnsctl against a stand-in for btnsd.

setup_file() {
    load helpers
    make_dir
}

teardown_file() {
    rm -rf "$dir"
}

setup() {
    load helpers
    export TZ=UTC
    unset BTNS_SOCKET_PATH NO_COLOR
}

teardown() {
    show_stderr
    stop_mock
}

# no_bytes PATTERN: standard input has none of these. (Bats does not see "! command" fail.)
no_bytes() {
    if LC_ALL=C grep -P "$1"; then return 1; fi
}

as_nobody() {
    [[ $EUID -eq 0 ]] || skip "must be root to become another user"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}
