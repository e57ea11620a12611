#!/usr/bin/env bats
# Every mutation in test/mutations can be made in the code of today. `make mutants` sees whether tests notice; it takes hours.

bats_require_minimum_version 1.5.0
repo=$(cd "$BATS_TEST_DIRNAME/.." && pwd)

@test "every mutation can still be made, and the tests that it says would fail are there" {
    run "$repo/test/mutate" --check
    echo "$output" | grep -A1 '^not ok' || true
    [ "$status" -eq 0 ]
    [[ ${lines[0]} =~ ^1\.\.[1-9] ]]
}

@test "what each O and U number is about can be broken: one that a test names is in a mutation's heading" {
    named=$(grep -rh '^@test "' "$repo/test" --include='*.bats' | grep -oE '\b(O[0-9]+|U[a-i])\b' | sort -u)
    broken=$(grep -h '^# ' "$repo"/test/mutations/*.mut | grep -oE '\b(O[0-9]+|U[a-i])\b' | sort -u)
    [[ -n $named ]]
    diff <(comm -23 <(echo "$named") <(echo "$broken")) /dev/null
}
