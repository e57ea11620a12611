# For tests that need a btnsd which says what they want: the mock, and a directory others may read.

build=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}
# A sanitized btns-run may find a library in LD_PRELOAD before its sanitizer's.
export ASAN_OPTIONS=verify_asan_link_order=0

# /tmp, as users other than root have to get there, and socket paths must be short.
make_dir() {
    dir=$(mktemp -d "/tmp/btns-test.XXXXXX")
    chmod 755 "$dir"
    export dir build
}

build_mock() {
    local top=$BATS_TEST_DIRNAME/../..
    cc -std=gnu11 -D_GNU_SOURCE -I"$top" -o "$dir/mock" "$top/test/ctl/mock.c" "$top/libapi/wire/addr.c"
}

# start_mock SCENE: sets socket and asked (a file: "ready", then one line a request).
start_mock() {
    local i
    mock_dir=$(mktemp -d "$dir/mock.XXXXXX")
    chmod 755 "$mock_dir"
    socket=$mock_dir/socket asked=$mock_dir/asked
    "$dir/mock" "$socket" "$1" >"$asked" 3>&- &
    mock_pid=$!
    for ((i = 0; i < 3000; i++)); do
        ! grep -q ready "$asked" || break
        kill -0 "$mock_pid" || return
        sleep 0.02
    done
    chmod 777 "$socket"
}

stop_mock() {
    [[ -n ${mock_pid-} ]] || return 0
    kill "$mock_pid" 2>/dev/null || true
    wait "$mock_pid" 2>/dev/null || true
    mock_pid=
}

# same_words TEXT TEXT: the sets of words are equal; says how they differ.
same_words() {
    diff <(tr ' ' '\n' <<<"$1" | sort -u) <(tr ' ' '\n' <<<"$2" | sort -u)
}

# The long options named in a text on standard input, also as a man page writes them.
long_options() {
    sed 's/\\-/-/g' | grep -oE -- '(^|[^-[:alnum:]])--[a-z]+' | grep -oE -- '--[a-z]+' | sort -u | xargs
}
