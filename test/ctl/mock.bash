# For tests that need a btnsd which says what they want: the mock, and a directory others may read.

build=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../build}
# A sanitized btns-run may find a library in LD_PRELOAD before its sanitizer's.
export ASAN_OPTIONS=verify_asan_link_order=0

# /tmp, as users other than root have to get there, and socket paths must be short.
make_dir() {
    dir=$(mktemp -d "/tmp/btns-test.XXXXXX")
    chmod 755 "$dir"
    export dir build
}

build_mock() {
    cc -std=gnu11 -D_GNU_SOURCE -o "$dir/mock" "$BATS_TEST_DIRNAME/ctl/mock.c" \
        "$BATS_TEST_DIRNAME/../libapi/addr.c"
}

# start_mock SCENE: sets socket and asked (a file with one line a request).
start_mock() {
    local word
    mock_dir=$(mktemp -d "$dir/mock.XXXXXX")
    chmod 755 "$mock_dir"
    socket=$mock_dir/socket asked=$mock_dir/asked
    mkfifo "$mock_dir/fifo"
    "$dir/mock" "$socket" "$1" > >(tee "$mock_dir/fifo" >"$asked") 3>&- &
    mock_pid=$!
    read -r word <"$mock_dir/fifo"
    [[ $word == ready ]]
    chmod 777 "$socket"
}

stop_mock() {
    [[ -n ${mock_pid-} ]] || return 0
    kill "$mock_pid"
    wait "$mock_pid" 2>/dev/null || true
    mock_pid=
}
