# Loaded by the end-to-end tests: one lab for a file, many named checks from it.

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# run_lab SCRIPT: for setup_file; keeps the results of the checks for the tests of the file. LAB_OPTIONS: options of btns-lab run.
run_lab() {
    [ "$(id -u)" = 0 ] || { echo "the lab needs root" >&2; return 1; }
    export RESULTS=$BATS_FILE_TMPDIR/results BTNS_BUILD=${BTNS_LAB_BUILD:-${BTNS_BUILD:-$repo/build}}
    : >"$RESULTS"
    local status=0
    timeout "${LAB_SECONDS:-3000}" "$repo/scripts/btns-lab" run ${LAB_OPTIONS-} "$BATS_TEST_DIRNAME/$1" \
        >"$BATS_FILE_TMPDIR/output" 2>&1 </dev/null || status=$?
    echo "$status" >"$BATS_FILE_TMPDIR/status"
    [[ $status != 124 ]] || echo "(ended after ${LAB_SECONDS:-3000} s)" >>"$BATS_FILE_TMPDIR/output"
}

# passed NAME...: the script has made these checks, and all succeeded.
passed() {
    local name
    for name; do
        grep -qx "ok $name" "$RESULTS" && continue
        echo "check '$name': $(grep -x "not ok $name" "$RESULTS" || echo 'was never made')"
        cat "$RESULTS.d/$name" 2>/dev/null
        echo "--- the lab script ended with status $(cat "$BATS_FILE_TMPDIR/status"); its output:"
        tail -n 40 "$BATS_FILE_TMPDIR/output"
        return 1
    done
}

# Prints the commands that the script has waited for in vain, three minutes each; they need not be checks.
teardown_file() {
    [[ ! -s $RESULTS.vain ]] || sed "s/^/# ${BATS_TEST_FILENAME##*/} waited in vain: /" "$RESULTS.vain" >&3
}
