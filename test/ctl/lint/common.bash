# For the tests of btnsctl check: policies, and the findings in them.

setup() {
    ctl=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/btnsctl
    data=$BATS_TEST_DIRNAME/lint
    shipped=$BATS_TEST_DIRNAME/../../policy.d
    at=$BATS_TEST_TMPDIR
    export TZ=UTC
}

# found [CHECK-OPTION...] FILE: LINE CODE CHECK TEXT of each finding; the text is that under the caret.
found() {
    "$ctl" check --json "$@" | python3 "$data/found.py"
}

# program MATCH: a policy for one executable, protected
program() {
    printf 'format = 1\nprogram "p" {\n  match = { "%s" }\n  rule "r" { action = %s }\n}\n' \
        "$1" "${2-protect}" >"$at/p.conf"
}

root() { [[ $EUID -eq 0 ]] || skip "must be root to change what a host looks like"; }
