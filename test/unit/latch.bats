# The deciding parts of the latches, as functions.

setup_file() {
    export UNIT=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/unit
}

unit() {
    run timeout 600 "$UNIT/$1"
    echo "$output" | grep -v '^ok'
    [[ $status -eq 0 && ${lines[-1]} =~ ^1\.\.[1-9] ]]
}

@test "the guard's table: every state and event, and what must hold of all of it (L6, L8, L13)" { unit latch/guard/machine; }
@test "reqids: one number never means two keys, nor across a restart (L1, L14)" { unit latch/guard/reqid; }
