#!/usr/bin/env bats
# Who may say what: ranks, mandatory rules, packages, users.

setup_file() {
    export UNIT=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../build}/unit
}

# file TEXT: an administrator's file, in $file
file() {
    file=$BATS_TEST_TMPDIR/p.conf
    printf 'format = 1\nprogram "p" {\n  match = { "/usr/bin/p" }\n%s\n}\n' "$1" >"$file"
}

# refuses LINE REASON
refuses() {
    run timeout 10 "$UNIT/rules_dump" "$file" admin
    echo "got $status: $output"
    [[ $status -eq 1 && $output == "$file:$1: $2" ]]
}

@test "mandatory rules come first, with their reason, wherever they stand (O35, O73)" {
    file '  rule "a" { action = bypass }
  rule "b" { action = protect mandatory = true reason = "the law" }
  rule "c" { action = discard mandatory = false }
  rule "d" { mandatory = true action = discard reason = "the house" }'
    run "$UNIT/rules_dump" "$file" admin
    echo "$output"
    [[ $status -eq 0 && ${#lines[@]} -eq 4 ]]
    [[ ${lines[0]} == "p.conf:5 p/b "*" mandatory: the law" && ${lines[1]} == "p.conf:7 p/d "*" mandatory: the house" ]]
    [[ ${lines[2]} == "p.conf:4 p/a "* && ${lines[3]} == "p.conf:6 p/c "* ]]
    [[ $output == *mandatory*mandatory* && $output != *mandatory*mandatory*mandatory* ]]
}

@test "a mandatory rule without a reason, and a reason without one, are refused with their line (O73)" {
    file '  rule "a" { action = protect
    mandatory = true }'
    refuses 4 'rule "a" is mandatory and has no reason: say why it binds everybody'
    file '  rule "a" { action = protect
    reason = "x" }'
    refuses 5 'rule "a" has a reason but is not mandatory: leave it out'
    file '  rule "a" { action = protect reason = "" mandatory = true }'
    refuses 4 'a reason is 1 to 200 printable ASCII characters, for those it binds'
    file '  rule "a" { action = protect mandatory = yes reason = "x" }'
    refuses 4 'mandatory "yes": write true or false'
}

@test "users may write no mandatory rule (O32, O35)" {
    file '  rule "a" { action = protect
    mandatory = true reason = "because" }'
    run timeout 10 "$UNIT/rules_dump" "$file"
    [[ $status -eq 1 && $output == "$file:5: mandatory is not for users' policies" ]]
    file '  rule "a" { action = protect
    reason = "because" }'
    run timeout 10 "$UNIT/rules_dump" "$file"
    [[ $status -eq 1 && $output == "$file:5: reason is not for users' policies" ]]
}
