#!/usr/bin/env bats
# Every mutation in test/mutations can be made in the code of today. `make mutants` sees whether tests notice; it takes hours.

bats_require_minimum_version 1.5.0
repo=$(cd "$BATS_TEST_DIRNAME/.." && pwd)

@test "every mutation still applies, and the tests that it names exist" {
    run "$repo/test/mutate" --check
    echo "$output" | grep -A1 '^not ok' || true
    [ "$status" -eq 0 ]
    [[ ${lines[0]} =~ ^1\.\.[1-9] ]]
}

@test "every O and U number in a test's name is in a mutation's heading" {
    named=$(grep -rh '^@test "' "$repo/test" --include='*.bats' | grep -oE '\b(O[0-9]+|U[a-i])\b' | sort -u)
    broken=$(grep -h '^# ' "$repo"/test/mutations/*.mut | grep -oE '\b(O[0-9]+|U[a-i])\b' | sort -u)
    [[ -n $named ]]
    diff <(comm -23 <(echo "$named") <(echo "$broken")) /dev/null
}
