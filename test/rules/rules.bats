#!/usr/bin/env bats
# Policy files: the rules that are read from them, and the messages that refuse them.

load common

@test "good files give the rules that are written in them, with lines, defaults and bounds (O18, O25)" {
    local file
    for file in "$DATA"/good/*.conf; do
        "$UNIT/rules/compile/dump" "$file" | diff -u "${file%.conf}.expect" -
    done
}

@test "broken syntax is refused with file, line and reason" {
    refuses_all syntax- 50
}

@test "rules on one line that contradict themselves, each other or the grammar are refused with file and line (O34)" {
    refuses_all short- 36
}

@test "rules on one line mean what their long form says" {
    local at=$BATS_TEST_TMPDIR file=$DATA/good/short.conf ctl=${UNIT%/unit}/btnsctl
    "$ctl" policy show --long "$file" >"$at/long.conf"
    grep -q 'rule protect-db1 {' "$at/long.conf"
    # Only the lines differ, and the long form gives the same long form again.
    without_lines() { sed 's/^[^:]*:[0-9]* //' "$1"; }
    "$UNIT/rules/compile/dump" "$at/long.conf" >"$at/of-long"
    diff -u <(without_lines "${file%.conf}.expect") <(without_lines "$at/of-long")
    diff -u <("$ctl" policy show --long "$at/long.conf" | tail -n +2) <(tail -n +2 "$at/long.conf")
    # The administrator's words, which users may not use.
    printf 'format = 1\ndeny always out port telnet because "it is \\"old\\""\n' >"$at/always.conf"
    dump "$at/always.conf" admin
    [[ $status -eq 0 && $output == *'line-2/deny at=connect discard'*'port=23-23'* ]]
    run "$ctl" policy show --long "$at/always.conf"
    [[ $output == *'mandatory = true'*'reason = "it is \"old\""'* ]]
    # As it is written, and as JSON.
    diff <("$ctl" policy show "$at/always.conf" | tail -n +2) "$at/always.conf"
    "$ctl" policy show --json "$at/always.conf" | python3 -c 'import json, sys; [v] = json.load(sys.stdin); assert v["text"] == open(v["file"]).read()'
    run -2 "$ctl" policy show "$at/none.conf"
    run -1 "$ctl" policy show --long "$DATA/bad/short-twice.conf"
    [[ $output == *'short-twice.conf:3: "port" is given twice'* ]]
}

@test "the long form of rules on one line is bounded, and so is their number" {
    local at=$BATS_TEST_TMPDIR
    { printf 'format = 1\npeer p { key = "ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=" address = { 10.0.0.0'
        printf ', 10.0.%d.1' {0..250}
        printf ' } }\n'
        for i in {1..900}; do printf 'protect with p port %d\n' "$i"; done; } >"$at/large.conf"
    refuses "$at/large.conf" "$at/large.conf:293: what the rules of this file stand for is longer than 1048576 octets"
    { printf 'format = 1\n'; for i in {1..1025}; do printf 'deny port %d\n' "$i"; done; } >"$at/many.conf"
    refuses "$at/many.conf" "$at/many.conf:1026: more than 1024 rules on one line in this file"
    { printf 'format = 1\nprotect with 10.0.0.1'; printf ', 10.0.%d.2' {0..260}; printf '\n'; } >"$at/values.conf"
    refuses "$at/values.conf" "$at/values.conf:2: more than 256 values in one list of a rule on one line"
}

@test "a file's format must come first and be known (O1)" {
    refuses_all format- 6
}

@test "unknown fields and sections are refused" {
    refuses_all unknown- 6
}

@test "anything given twice is refused" {
    refuses_all twice- 6
}

@test "names have only plain characters" {
    refuses_all name- 4
}

@test "bad values in profiles are refused" {
    refuses_all profile- 14
}

@test "mode = beet is refused with addresses, managers, protocols and actions for which it does not work" {
    refuses_all beet- 5
}

@test "bad programs are refused" {
    refuses_all program- 16
}

@test "bad values in rules are refused (O41)" {
    refuses_all rule- 30
}

@test "bad groups are refused, used or not" {
    refuses_all group- 6
}

# named FIELD VALUE: writes a rule with that value to $dir.
named() {
    printf 'format = 1\nprogram "p" {\n  match = { "/usr/bin/p" }\n  rule "r" { action = bypass\n    %s = { %s } }\n}\n' \
        "$1" "$2" >"$dir/a.conf"
}

@test "names of users, groups and hosts are looked up when the rules are loaded (O21, O29, O38)" {
    policy_dir
    named user 'root, 7, "@staff"'
    printf 'format = 1\ngroup "staff" { users = { daemon } groups = { daemon } hosts = { localhost } }\n' >"$dir/b.conf"
    dump "$dir"
    [[ $status -eq 0 && $output == *" user=0,7,$(id -u daemon) "* ]]
    named group '"@staff", 4'
    dump "$dir"
    [[ $status -eq 0 && $output == *" group=$(id -g daemon),4 "* ]]
    named remote '"@staff"'
    dump "$dir"
    [[ $status -eq 0 && $output =~ \ remote=.*(127\.0\.0\.1/32|::1/128) ]]
    named local 'localhost'
    dump "$dir"
    [[ $status -eq 0 && $output =~ \ local=.*(127\.0\.0\.1/32|::1/128) ]]
}

@test "a user or group that does not exist refuses all files, with its place (O21)" {
    policy_dir
    put 10.conf
    named user 'root, nobody-of-that-name'
    refuses "$dir" "$dir/a.conf:5: \"nobody-of-that-name\": there is no user of that name"
    named group '"@staff"'
    printf 'format = 1\ngroup "staff" {\n  groups = { nobody-of-that-name } }\n' >"$dir/b.conf"
    refuses "$dir" "$dir/b.conf:3: \"nobody-of-that-name\": there is no group of that name"
}

@test "a host that cannot be resolved closes its own rule, and no rule is refused (O21)" {
    policy_dir
    {
        echo 'format = 1'
        echo 'program "p" { match = { "/usr/bin/p" }'
        for action in protect discard bypass prefer; do
            echo "rule \"$action\" { action = $action remote = { no.such.host.invalid } }"
        done
        echo 'rule "some" { action = bypass remote = { no.such.host.invalid, 10.0.0.0/8 } }'
        echo 'rule "all" { action = protect remote = { no.such.host.invalid, 10.0.0.0/8 } port = 25 }'
        echo 'rule "here" { action = protect local = { no.such.host.invalid } }'
        echo 'rule "other" { action = protect remote = 192.0.2.1 } }'
    } >"$dir/a.conf"
    dump "$dir"
    local why=' unresolved=no.such.host.invalid'
    [[ $status -eq 0 ]]
    [[ $output =~ p/protect\ at=connect,accept\ discard\ match=/usr/bin/p$why ]]
    [[ $output =~ p/discard\ at=connect,accept\ discard\ match=/usr/bin/p$why ]]
    [[ $output =~ p/bypass\ at=\ bypass ]]
    [[ $output =~ p/prefer\ at=\ prefer ]]
    [[ $output =~ p/some\ at=connect,accept\ bypass\ remote=10.0.0.0/8 ]]
    [[ $output =~ p/all\ at=connect,accept\ discard\ port=25-25\ match=/usr/bin/p$why ]]
    [[ $output =~ p/here\ at=connect,accept\ discard ]]
    [[ $output =~ p/other\ at=connect,accept\ protect\ .*\ remote=192.0.2.1/32 ]]
}

@test "in a file of the same number, a host that cannot be resolved makes no conflict" {
    policy_dir
    rm -f "$dir"/*
    printf 'format = 1\nprogram "p" { match = "/p" rule "r" { action = protect remote = no.such.host.invalid } }\n' >"$dir/10-a.conf"
    printf 'format = 1\nprogram "q" { match = "/p" rule "r" { action = bypass remote = 10.0.0.0/8 } }\n' >"$dir/10-b.conf"
    dump "$dir"
    [[ $status -eq 0 && $output =~ q/r\ at=connect,accept\ bypass ]]
}

@test "the number of values from groups is bounded" {
    local file=$BATS_TEST_TMPDIR/many.conf
    {
        echo 'format = 1'
        echo "group \"g\" { users = { $(seq -s, 1 5000) } }"
        echo 'program "p" { match = "/p"'
        for i in {1..60}; do echo "rule \"r$i\" { user = \"@g\" action = bypass }"; done
        echo '}'
    } >"$file"
    refuses "$file" "$file:4: all groups in use come to more than 4096 values"
    dump "$file" admin
    [[ $status -eq 1 && $output == "$file:56: all groups in use come to more than 262144 values" ]]
}

@test "bad points are refused, used or not (O14, O16)" {
    refuses_all point- 6
}

@test "NUL octets are refused, and the text behind one is not silently dropped" {
    local file=$BATS_TEST_TMPDIR/nul.conf
    printf 'format = 1\n\0program "p" { }\n' >"$file"
    refuses "$file" "$file: holds a NUL octet: not a text file"
    printf 'format = 1\n# \0\n' >"$file"
    refuses "$file" "$file: holds a NUL octet: not a text file"
}

@test "a text of 65536 octets is read, one more is refused" {
    local file=$BATS_TEST_TMPDIR/large.conf
    { echo 'format = 1'; yes '# filler'; } | head -c 65535 >"$file"
    echo >>"$file"
    dump "$file"
    [[ $status -eq 0 ]]
    echo >>"$file"
    refuses "$file" "$file: larger than 65536 octets"
}

@test "an empty text is refused" {
    local file=$BATS_TEST_TMPDIR/empty.conf
    : >"$file"
    refuses "$file" "$file:1: an empty policy: the first statement must be: format = 1"
}

@test "the confined reader has no rights left, and no misbehaviour of its gets through" {
    "$UNIT/rules/read/child"
}

@test "a reader behind a socket reads and looks up as a child does; tasks that are not whole are refused, and a child reads where nobody listens" {
    "$UNIT/rules/read/reader"
}

@test "a reader that lies and a libconfuse that disagrees are refused" {
    "$UNIT/rules/read/records"
}

@test "the environment does not reach a policy" {
    local file=$BATS_TEST_TMPDIR/p.conf
    printf 'format = 1\nprogram "p" { match = { "/x$P" }  rule "r" { action = bypass } }\n' >"$file"
    P=/secret dump "$file"
    [[ $status -eq 0 && $output == *' match=/x$P' ]]
}
