# btnsd's command line, as far as it needs no privilege.
setup() {
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    btnsd=${BTNS_BUILD:-$repo/build}/btnsd
}

# refused TEXT OPTION...: status 2, nothing on stdout, and one line on stderr, which is TEXT
refused() {
    local text=$1 status=0
    shift
    "$btnsd" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    cat "$BATS_TEST_TMPDIR/err"
    [ "$status" = 2 ] && [ ! -s "$BATS_TEST_TMPDIR/out" ] && [ "$(<"$BATS_TEST_TMPDIR/err")" = "$text" ]
}

@test "btnsd --help names each option, --version the version" {
    "$btnsd" --help | grep -q -- '--linger SECONDS  '
    "$btnsd" --version | grep -qE '^btnsd [0-9]+\.[0-9]+'
}
@test "btnsd refuses a wrong option and names it" {
    refused 'btnsd: no such option: --nope' --nope
    refused 'btnsd: no such option: -x' -x
    refused 'btnsd: --linger wants an argument' --linger
    refused 'btnsd: --verbose=1 takes no argument' --verbose=1
    refused "btnsd: unexpected argument 'word'" word
}
# --version ends a btnsd that takes the number: no test starts a real one.
@test "btnsd refuses a number out of range and says the range" {
    refused "btnsd: --linger wants a number from 0 to 86400, not 'x'" --linger x --version
    refused "btnsd: --linger wants a number from 0 to 86400, not '86401'" --linger=86401 --version
    refused "btnsd: --linger wants a number from 0 to 86400, not '-1'" --linger=-1 --version
    refused "btnsd: --linger wants a number from 0 to 86400, not '1x'" --linger 1x --version
    refused "btnsd: --hold wants a number from 1 to 60, not '0'" --hold 0 --version
    refused "btnsd: --ready-fd wants a number from 0 to 1023, not '5000'" --ready-fd 5000 --version
}
