# The test suites of others under the shim: the short form of `make judges`.
setup() {
    repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
    export BTNS_BUILD=${BTNS_BUILD:-$repo/build}
}

@test "judges: CPython's tests of select, poll and epoll have the same results under the shim" {
    [ "$(id -u)" = 0 ] || skip 'network namespaces need root'
    local status=0
    "$repo/test/judges/run" --short >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" || status=$?
    cat "$BATS_TEST_TMPDIR/out" "$BATS_TEST_TMPDIR/err"
    [ "$status" != 3 ] || skip "the tests of CPython cannot be fetched from Debian's mirror"
    [ "$status" = 0 ]
    # At least one test has run.
    [[ $(<"$BATS_TEST_TMPDIR/out") =~ protected:\ ([0-9]+)\ tests,\ 0\ differ ]]
    [ "${BASH_REMATCH[1]}" -ge 100 ]
}
@test "judges: a wrong option or judge is refused with status 2" {
    local status=0
    "$repo/test/judges/run" --nope 2>"$BATS_TEST_TMPDIR/err" || status=$?
    [ "$status" = 2 ]
    status=0
    "$repo/test/judges/run" nobody 2>"$BATS_TEST_TMPDIR/err" || status=$?
    [ "$status" = 2 ] && grep -q 'no such judge: nobody' "$BATS_TEST_TMPDIR/err"
}
# compared FAIL: prints the report on ten tests, all of which pass natively, and FAIL of which fail with jemalloc, with
# and without the shim
compared() {
    bash -c '
        . "$1" && work=$2 fail=$3
        judged() { # OUT KIND WAY
            local i
            echo "$3" >>"$work/ran"
            for i in {1..10}; do
                if [[ $3 != native ]] && ((i <= fail)); then printf "%d\tfail\n" "$i"; else printf "%d\tok\n" "$i"; fi
            done >"$1"
        }
        judged "$work/some.native" python native
        compare some python jemalloc' bash "$repo/test/judges/run" "$BATS_TEST_TMPDIR" "$1"
}
@test "judges: a way in which most tests fail also without the shim is skipped, with the numbers" {
    [ "$(compared 6)" = 'some, jemalloc: skipped: without the shim 4 tests pass there, of 10 that pass natively' ]
    [ "$(xargs <"$BATS_TEST_TMPDIR/ran")" = 'native native:jemalloc' ]
    [[ $(compared 5) = 'some under the shim, jemalloc: 10 tests, 0 differ '* ]]
}
