# For tests of the commands that people run: a stand-in for btnsd, and a directory that others may read.

# shellcheck source=test/mock/mock.bash
. "$(dirname "${BASH_SOURCE[0]}")/../mock/mock.bash"
# A sanitized btns-run may find a library in LD_PRELOAD before its sanitizer's.
export ASAN_OPTIONS=verify_asan_link_order=0

# /tmp, as users other than root have to get there, and socket paths must be short.
make_dir() {
    dir=$(mktemp -d "/tmp/btns-test.XXXXXX")
    chmod 755 "$dir"
    export dir build
}

# start_mock [OPTION=VALUE...]: sets mock_dir, socket and asked, a file that gets a line for each request.
start_mock() {
    mock_dir=$(mktemp -d "$dir/mock.XXXXXX")
    chmod 755 "$mock_dir"
    socket=$mock_dir/socket asked=$mock_dir/asked
    start_mock_at "$socket" "$asked" "$@"
}

# Nobody listens on the socket then.
stop_mock() { [[ -z ${socket-} ]] || end_mock_at "$socket"; }

# btnsctl, asking the mock
ctl() { "$build/btnsctl" --socket "$socket" "$@"; }

# json EXPRESSION: its value, where v is the JSON on standard input
json() { python3 -c 'import json, sys; v = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }

# same_words TEXT TEXT: the sets of words are equal; says how they differ.
same_words() {
    diff <(tr ' ' '\n' <<<"$1" | sort -u) <(tr ' ' '\n' <<<"$2" | sort -u)
}

# The long options named in a text on standard input, also as a man page writes them.
long_options() {
    sed 's/\\-/-/g' | grep -oE -- '(^|[^-[:alnum:]])--[a-z]+(-[a-z]+)*' | grep -oE -- '--[a-z-]+' | sort -u | xargs
}
