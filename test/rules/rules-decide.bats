#!/usr/bin/env bats
# Decisions: which rule decides, why, and which rules conflict.

load common

@test "every part of a rule counts: point, program, port, prefix (O15, O38, O47)" {
    policy_dir
    install -m 644 "$DATA/matching.conf" "$dir"
    answers "$DATA/matching.questions" "$dir"
}

@test "the index decides as a look at every rule in order does (O12, O36, O79)" {
    run "$UNIT/rules/index/index"
    echo "$output"
    [[ $status -eq 0 ]]
    run "$UNIT/rules/index/index" "$RANDOM$RANDOM" 60
    echo "$output"
    [[ $status -eq 0 ]]
}

@test "patterns match as with fnmatch(3), and a hostile one costs no more (O36)" {
    run "$UNIT/rules/model/glob"
    echo "$output"
    [[ $status -eq 0 && $output == *"ok - patterns match as with fnmatch(3)"* ]]
}

@test "a decision compares only the program's own rules, found once, however many other rules there are (O36)" {
    run "$UNIT/rules/index/effort"
    echo "$output"
    [[ $status -eq 0 && $(grep -c '^ok' <<<"$output") -eq 91 ]]
}

# chain POINT PROGRAM LOCAL REMOTE: prints every rule that could have decided, and why it did or did not.
chain() {
    run "$UNIT/rules/ask/candidates" "$dir" "$@"
    echo "$output"
}

@test "explain says of every candidate why it won or lost, and agrees with the decision (O46, O50, O79)" {
    policy_dir
    install -m 644 "$DATA/matching.conf" "$dir"
    chain connect /opt/exact - 10.2.2.3:80
    [[ ${lines[0]} == "- matching.conf:5 exact/narrow: the remote address 10.2.2.3 is inside none of its prefixes" ]]
    [[ ${lines[1]} == "+ matching.conf:6 exact/wider: wins" ]]
    [[ ${lines[2]} == "- matching.conf:7 exact/calls: it is for accept, not connect" ]]
    [[ ${lines[3]} == "- matching.conf:11 glob/all: the program is none of its match" ]]
    [[ ${lines[4]} == "- matching.conf:17 odd-bits/v4-all: the program is none of its match" && ${#lines[@]} -eq 5 ]]
    chain connect /opt/exact - 10.1.2.3:81
    [[ ${lines[0]} == "- matching.conf:5 exact/narrow: port 81 is not listed" ]]
    chain connect /opt/exact - 10.1.2.3:80
    [[ ${lines[0]} == "+ matching.conf:5 exact/narrow: wins" ]]
    [[ ${lines[1]} == "- matching.conf:6 exact/wider: an earlier rule decides: narrow ($dir/matching.conf:5)" ]]
    chain accept /opt/exact 10.0.0.1:81 11.1.2.3:99
    [[ ${lines[0]} == "- matching.conf:5 exact/narrow: it is for connect, not accept; the remote address 11.1.2.3 is inside none of its prefixes; port 81 is not listed" ]]
    chain accept /opt/bits 0.0.0.0:80 -
    [[ ${lines[2]} == "+ matching.conf:15 odd-bits/v4: applies to the callers it names" ]]
    [[ ${lines[4]} == "+ matching.conf:17 odd-bits/v4-all: applies to the callers it names" ]]
    run "$UNIT/rules/ask/candidates"
    echo "$output"
    [[ $status -eq 0 ]]
}

# rule FILE ACTION [CONDITIONS [MATCH]]
rule() {
    printf 'format = 1\nprogram "p" {\n  match = { "%s" }\n  rule "%s" { action = %s %s }\n}\n' \
        "${4-/usr/bin/p}" "r-$1" "$2" "${3-}" >"$dir/$1.conf"
}

conflict() {
    refuses "$dir" "$dir/$1.conf:4: rule \"r-$1\" ($2) conflicts with \"r-$3\" ($4) at $dir/$3.conf:4: one connection can match both; say which comes first by the numbers of the files"
}

@test "rules of one rank that want different things of one connection are a conflict (O34, O35)" {
    policy_dir
    rule 50-a protect
    rule 50-b bypass 'remote = { 10.0.0.0/8 }'
    conflict 50-b bypass 50-a protect
    rule 50-b bypass 'remote = { 10.0.0.0/8 }' '/usr/*/p'
    conflict 50-b bypass 50-a protect
    rule 50-b bypass 'user = 7' '*'
    conflict 50-b bypass 50-a protect
    rule 50-a protect 'group = 1'
    rule 50-b discard 'group = 2'
    conflict 50-b discard 50-a protect
    rm "$dir"/*
    rule a bypass # files without a number form a group of their own
    rule b prefer
    conflict b prefer a bypass
    rm "$dir"/*
    printf 'format = 1\nprofile "x" { suites = aes128gcm16 }\nprofile "y" { timeout = 5 }\n' >"$dir/0.conf"
    rule 050-a protect
    rule 50-b protect 'profile = x'
    conflict 50-b protect 050-a protect
}

@test "rules that cannot match the same connection, have other file numbers, or agree are no conflict (O34)" {
    policy_dir
    rule 50-a protect 'port = 80 user = 1 at = connect remote = 10.0.0.0/8 interface = eth0 peer = new cgroup = "/a/b"'
    rule 50-b bypass 'port = 81'
    rule 50-c protect 'profile = y port = 80'
    printf 'format = 1\nprofile "y" { timeout = 5 }\n' >"$dir/0.conf"
    dump "$dir"
    [[ $status -eq 0 && ${#lines[@]} -eq 3 ]]
    rm "$dir"/50-[bc].conf
    local condition n=0
    for condition in 'port = 81' 'user = 2' 'at = accept' 'remote = 11.0.0.0/8' 'at = connect interface = eth1' \
        'at = connect peer = known' 'cgroup = "/a/c/*"' 'remote = "fd00::/8"'; do
        rule 50-b bypass "$condition"
        dump "$dir"
        [[ $status -eq 0 && ${#lines[@]} -eq 2 ]]
        n=$((n + 1))
    done
    [[ $n -eq 8 ]]
    rule 50-b bypass '' '/usr/*/q'
    dump "$dir"
    [[ $status -eq 0 ]]
    rm "$dir/50-b.conf"
    rule 51-b bypass
    dump "$dir"
    [[ $status -eq 0 && ${#lines[@]} -eq 2 ]]
    printf 'format = 1\nprogram "p" { match = "/usr/bin/p" rule "one" { action = bypass } rule "two" { action = protect } }\n' >"$dir/51-b.conf"
    dump "$dir"
    [[ $status -eq 0 && ${#lines[@]} -eq 3 ]]
}
