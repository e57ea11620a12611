# For the tests of btns-run: a stand-in for btnsd, sample programs, and the traces of a run.

setup_file() {
    load ../ctl/helpers
    load run/samples
    make_dir
    make_runner
    make_samples
    mkdir "$dir/privileged"
    [[ $EUID -ne 0 ]] || make_privileged_samples "$dir/privileged"
}

teardown_file() {
    rm -rf "$dir"
}

setup() {
    load ../ctl/helpers
    load run/samples
    start_mock
    export BTNS_SOCKET_PATH=$socket
    unset LD_PRELOAD BTNS_MODE BTNS_POLICY BTNS_VERBOSE
    runner=$dir/bin/btns-run shim=$dir/bin/libbtns-shim.so
    cd "$samples" || return
}

teardown() {
    show_stderr
    stop_mock
}

another_mock() {
    stop_mock
    start_mock "$1"
    export BTNS_SOCKET_PATH=$socket
}

need_root() {
    [[ $EUID -eq 0 ]] || skip "must be root"
}

as_nobody() {
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# The marker prints a line in every program that it is loaded into: that program was covered.
was_covered() { [[ $stderr == *"marker: loaded"* ]]; }
did_not_run() { [[ $output != *"program: runs"* && $stderr != *"marker: loaded"* ]]; }

# A btns-run of its own in DIRECTORY, without a shim.
lonely_runner() {
    mkdir -p "$1"
    cp "$runner" "$1/btns-run"
}
