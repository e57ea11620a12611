#!/usr/bin/env bats
# The test runner: it counts every test, and a file that breaks counts as failed.
bats_require_minimum_version 1.5.0

setup() {
    cd "$BATS_TEST_TMPDIR" || return
    path=/usr/local/bin:/usr/bin:/bin # without the directory of bats's own helper programs
}

# check FILE...: runs test/check without the environment variables of the Bats that runs this. Sets status and lines.
check() {
    run env -i PATH="$path" JOBS="${JOBS-2}" CHECK_DIR="$BATS_TEST_TMPDIR/out" FILE_SECONDS="${FILE_SECONDS-300}" \
        CHECK_UNTIL="${CHECK_UNTIL-}" CHECK_AGAIN="${again-0}" \
        "$BATS_TEST_DIRNAME/check" "$@"
    echo "$output"
}

good() { printf '@test "%s good" { true; }\n' "$@"; }

counts() { [[ ${lines[-1]} == "$1" && $(grep -cE '^[0-9]+ passed, ' <<<"$output") -eq 1 ]]; }

@test "all passed: status 0, and one line that counts them" {
    good 1 2 3 >a.bats
    good 1 >b.bats
    check a.bats b.bats
    [[ $status -eq 0 ]]
    counts '4 passed, 0 failed'
    [[ $(<out/count) == '4 passed, 0 failed' ]]
}

@test "failed and skipped tests are counted, and their output is shown" {
    { good 1; echo '@test "bad" { echo here I am; false; }'; echo '@test "not now" { skip "no # moon"; }'; } >a.bats
    check a.bats
    [[ $status -eq 1 && $output == *'# here I am'* ]]
    counts '1 passed, 1 failed, 1 skipped'
}

@test "a file that cannot be read, one without tests, and one that breaks off have failed" {
    echo 'this is ( no bash' >a.bats
    : >b.bats
    { echo 'setup_file() { false; }'; good 1 2 3; } >c.bats
    { good 1; echo '@test "kills it" { kill -9 $PPID; sleep 1; }'; good 2; } >d.bats
    { echo 'teardown_file() { false; }'; good 1; } >e.bats
    FILE_SECONDS=60 # bats without its helper programs may wait for ever
    for file in a b c d e; do
        check "$file.bats"
        [[ $status -eq 1 && ${lines[-1]} =~ ^[0-9]\ passed,\ [1-9]\ failed$ ]]
    done
    good 1 2 >f.bats
    check ./*.bats
    [[ $status -eq 1 && ${lines[-1]} =~ ^[3-9]\ passed,\ [6-9]\ failed$ ]]
}

# A slow machine may need longer to reach the test that hangs: hence several limits.
@test "a file that hangs is ended, and has failed" {
    { good 1; echo '@test "hangs" { sleep 1000; }'; } >a.bats
    for FILE_SECONDS in 2 10 60; do
        check a.bats
        [[ $status -eq 1 && $output == *'ended after '[1-9]*' s'* && $output == *'a: took too long'* ]]
        ! counts '1 passed, 1 failed' || return 0
    done
    false
}

@test "when time runs out, tests that did not run count as failed, and the others are reported" {
    good 1 >a.bats
    { good 1; echo '@test "hangs" { sleep 1000; }'; } >b.bats
    for seconds in 2 10 60; do
        CHECK_UNTIL=$((EPOCHSECONDS + seconds)) JOBS=1 check b.bats a.bats
        [[ $status -eq 1 && $output == *'a: FAILED'*'a: took too long'* ]]
        ! counts '1 passed, 2 failed' || return 0
    done
    false
}

@test "failed tests are listed again at the end: each by name, with the first lines of its output" {
    for file in a b; do
        { good 1; echo '@test "bad one" { seq -f "word %g of '$file'" 100; false; }'; good 2; } >$file.bats
        seq -f '@test "fine %g" { true; }' 30 >>$file.bats
    done
    echo '@test "short" { echo little; false; }' >>b.bats
    echo 'this is ( no bash' >c.bats
    good 1 >d.bats
    check a.bats b.bats c.bats d.bats
    [[ $status -eq 1 ]]
    last=$(tail -n 60 <<<"$output")
    [[ $last == *'By name:'*'a: not ok 2 bad one'* && $last == *$'\nc: '* && $last != *$'\nd: '* ]]
    [[ $last == *'b: not ok 2 bad one'*'b: not ok 34 short'* && $last == *'# little'* ]]
    told=$(sed -n '/^What failed:$/,$p' <<<"$output")
    [[ $(grep -c 'word 1 of a' <<<"$told") -eq 1 && $told == *'# ... (more above)'* && $told != *'word 50 of'* ]]
    [[ $told != *fine* && $told != *good* ]]
    counts '65 passed, 4 failed'
    rm [abc].bats
    check d.bats
    [[ $status -eq 0 && $output != *'failed:'* && $output != *'By name'* ]]
}

@test "each file's results stay together when two run at a time" {
    for file in a b; do
        for i in 1 2 3; do echo "@test '$file $i' { sleep 0.2; }"; done >$file.bats
    done
    check a.bats b.bats
    [[ $status -eq 0 ]]
    [[ $(grep -E '^    ok' <<<"$output" | sed 's/.* \([ab]\) .*/\1/' | uniq | wc -l) -eq 2 ]]
}

@test "interrupted, it ends what it has started, and itself by the signal" {
    echo "@test 'long' { sleep 271.$$; }" >a.bats
    env -i --default-signal=INT PATH="$path" CHECK_DIR="$BATS_TEST_TMPDIR/out" \
        "$BATS_TEST_DIRNAME/check" a.bats >said 2>&1 3>&- &
    runner=$!
    for _ in {1..1200}; do ! pgrep -f "^sleep 271.$$" || break; sleep 0.1; done
    pgrep -f "^sleep 271.$$"
    kill -INT "$runner"
    status=0
    wait "$runner" || status=$?
    [[ $status -eq 130 ]]
    # The sleep has been sent its signal; a slow machine may take a while to end it.
    for _ in {1..1200}; do pgrep -f "^sleep 271.$$" || return 0; sleep 0.1; done
    false
}

# With a limit, bats would now and then wait for the end of the limit on a busy machine.
@test "bats has no limit of its own for a test" {
    echo '@test "no limit" { [[ -z ${BATS_TEST_TIMEOUT-} ]]; }' >a.bats
    check a.bats
    [[ $status -eq 0 ]]
    run env -i PATH="$path" CHECK_DIR="$BATS_TEST_TMPDIR/out" BATS_TEST_TIMEOUT=5 "$BATS_TEST_DIRNAME/check" a.bats
    [[ $status -eq 0 ]]
}

started() { sed -n 's/: started$//p' <<<"$output" | paste -sd ,; }

@test "files that need no lab go first, then files of unknown length, then the longest first" {
    for name in cold new xfrm; do { echo '# lab.bash'; good 1; } >$name.bats; done
    good 1 >plain.bats
    JOBS=1 check cold.bats new.bats xfrm.bats plain.bats
    [[ $status -eq 0 ]]
    [[ $(started) == 'plain,new,xfrm,cold' ]]
}

@test "the last run's times count before those of test/order, and the slowest files are named at the end" {
    for name in cold xfrm; do { echo '# lab.bash'; good 1; } >$name.bats; done
    mkdir out
    printf 'xfrm 3\ncold 5\n' >out/times
    JOBS=1 check cold.bats xfrm.bats
    [[ $(started) == 'cold,xfrm' && ${lines[-2]} =~ ^The\ slowest:\ (cold|xfrm)\ [0-9]+\ s,\ (cold|xfrm)\ [0-9]+\ s$ ]]
    printf 'xfrm 9\n' >out/times
    JOBS=1 check cold.bats xfrm.bats
    [[ $(started) == 'xfrm,cold' ]]
}

@test "two files without a lab do not run at the same time while files with one are left" {
    for name in a b c; do { echo '# lab.bash'; echo '@test "1" { sleep 1; }'; } >lab-$name.bats; done
    for name in a b; do echo '@test "1" { sleep 1.5; }' >$name.bats; done
    JOBS=2 check ./*.bats
    [[ $status -eq 0 ]]
    [[ $(started) =~ ^[ab],lab-[abc],(lab-[abc],)?[ab],(lab-[abc],?)+$ ]]
}

@test "no such file is refused" {
    check none.bats
    [[ $status -eq 2 && $output == *'no such test file: none.bats'* ]]
}

# accident FILE: a file whose test fails until its second run
accident() { printf '@test "once" { echo here I am; [[ ! -e %s ]] || return 0; touch %s; false; }\n' "$1.was" "$1.was" >"$1.bats"; }

@test "a file that failed beside others is run once more, alone, and what failed at first is told" {
    accident a
    { echo '# lab.bash'; accident b; cat b.bats; } >with-lab.bats
    mv with-lab.bats b.bats
    for name in c d; do good 1 >$name.bats; done
    again=2 check a.bats b.bats c.bats d.bats
    [[ $status -eq 0 && $output == *'a: FAILED'*'a: once more, alone'*'a: ok'*'run once more, alone:'*'not ok 1 once'*'here I am'* ]]
    [[ $output == *'b: once more, alone'*'b: ok'* ]]
    counts '4 passed, 0 failed'
}

@test "a file that fails again has failed, and one that nothing ran beside is not run again" {
    echo '@test "bad" { false; }' >a.bats
    good 1 >b.bats
    again=2 check a.bats b.bats
    [[ $status -eq 1 && $output == *'a: once more, alone'*'By name:'*'a: not ok 1 bad'* ]]
    counts '1 passed, 1 failed'
    accident d
    again=2 check d.bats
    [[ $status -eq 1 && $output != *'once more'* ]]
}

@test "where many files fail, none is run again" {
    for name in a b c; do accident $name; done
    again=2 check ./*.bats
    [[ $status -eq 1 && $output != *'once more'* ]]
    counts '0 passed, 3 failed'
}
