#!/usr/bin/env bats
# Policy files: what is read from them, what is refused and with which words, what is decided.

setup_file() {
    export DATA=$BATS_TEST_DIRNAME SHIPPED=$BATS_TEST_DIRNAME/../../policy.d
    export UNIT=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/unit
    if [[ $EUID -eq 0 ]]; then
        # Not in /tmp: who can write a directory on the way can exchange what is in it.
        PLACE=$(mktemp -d /run/btns-rules.XXXXXX)
        export PLACE
    fi
}

teardown_file() {
    [[ -z ${PLACE-} ]] || rm -rf "$PLACE"
}

# Only root's files are believed, so only root can test what is done with them.
policy_dir() {
    [[ -n ${PLACE-} ]] || skip "must be root to own policy files"
    dir=$PLACE/$BATS_TEST_NUMBER/policy.d
    mkdir -p "$dir"
}

# put FILE [RULE [ACTION]]
put() {
    printf 'format = 1\nprogram "p" {\n  match = { "/usr/bin/p" }\n  rule "%s" { action = %s }\n}\n' \
        "${2-r}" "${3-bypass}" >"$dir/$1"
}

dump() {
    run timeout 100 "$UNIT/rules/compile/dump" "$@"
    echo "$output"
}

# refuses DIR REASON: REASON is all that is said.
refuses() {
    dump "$1"
    echo "wanted: $2"
    [[ $status -eq 1 && $output == "$2" ]]
}

# refuses_all PREFIX LEAST [admin]: every such file says in a comment what must be said about it. One process reads all.
refuses_all() {
    local file files=("$DATA/bad/$1"*.conf) wanted=$BATS_TEST_TMPDIR/wanted
    export P=/usr/bin/p
    for file in "${files[@]}"; do
        printf '%s:' "$file"
        sed -n '1,2s/^[^#]*# refused: //p' "$file"
    done >"$wanted"
    timeout 100 "$UNIT/rules/compile/dump" --refused "${3-text}" "${files[@]}" 2>&1 | diff -u "$wanted" -
    [[ ${#files[@]} -ge $2 && $(wc -l <"$wanted") -eq ${#files[@]} ]]
}

# answers QUESTIONS DIR: each question there has the rules that must come out behind its arrow.
answers() {
    local at=$BATS_TEST_TMPDIR
    grep -v '^#' "$1" >"$at/wanted"
    sed 's/ -> .*//' "$at/wanted" >"$at/questions"
    "$UNIT/rules/ask/decide" "$2" <"$at/questions" >"$at/answers"
    paste -d '|' "$at/questions" "$at/answers" | sed 's/|/ -> /' >"$at/got"
    diff -u "$at/wanted" "$at/got"
}

@test "good files give the rules they say, with lines, defaults and bounds (O18, O25)" {
    local file
    for file in "$DATA"/good/*.conf; do
        "$UNIT/rules/compile/dump" "$file" | diff -u "${file%.conf}.expect" -
    done
}

@test "broken syntax is refused with file, line and reason" {
    refuses_all syntax- 50
}

@test "rules on one line that contradict themselves, each other or the grammar are refused with file and line (O34)" {
    refuses_all short- 35
}

@test "rules on one line mean what their long form says" {
    local at=$BATS_TEST_TMPDIR file=$DATA/good/short.conf ctl=${UNIT%/unit}/btnsctl
    "$ctl" policy show --long "$file" >"$at/long.conf"
    grep -q 'rule protect-db1 {' "$at/long.conf"
    # Nothing but the lines is different, and the long form is its own.
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

@test "what rules on one line stand for is bounded, and so is their number" {
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

@test "what is there twice is refused" {
    refuses_all twice- 6
}

@test "names are plain" {
    refuses_all name- 4
}

@test "bad values in profiles are refused" {
    refuses_all profile- 14
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

# named FIELD VALUE: a rule in $dir about that value.
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

@test "no user or group of a name refuses all files, with its place (O21)" {
    policy_dir
    put 10.conf
    named user 'root, nobody-of-that-name'
    refuses "$dir" "$dir/a.conf:5: \"nobody-of-that-name\": there is no user of that name"
    named group '"@staff"'
    printf 'format = 1\ngroup "staff" {\n  groups = { nobody-of-that-name } }\n' >"$dir/b.conf"
    refuses "$dir" "$dir/b.conf:3: \"nobody-of-that-name\": there is no group of that name"
}

@test "a host that cannot be resolved closes its own rule and refuses no other (O21)" {
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

@test "what groups come to is bounded" {
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

@test "NUL octets are refused, and nothing behind one is lost" {
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

@test "the confined reader has nothing left, and none of its misdeeds gets through" {
    "$UNIT/rules/read/child"
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

@test "the shipped policies load and decide as their comments say" {
    policy_dir
    install -m 644 "$SHIPPED"/*.conf "$dir"
    answers "$DATA/shipped.questions" "$dir"
}

@test "each shipped file also stands alone" {
    policy_dir
    local file
    for file in "$SHIPPED"/*.conf; do
        rm -f "$dir"/*
        install -m 644 "$file" "$dir"
        dump "$dir"
        [[ $status -eq 0 && ${#lines[@]} -ge 2 ]]
    done
}

@test "btns-policy(5) is short, and each of its examples is a good policy without a warning" {
    local at=$BATS_TEST_TMPDIR file n=0 ctl=${UNIT%/unit}/btnsctl
    [[ $(wc -l <"$SHIPPED/btns-policy.5") -le 330 ]]
    awk -v at="$at" '/^\.EX/ { n++; on = 1; next } /^\.EE/ { on = 0 } on { sub(/user alice/, "user root"); print > (at "/" n ".conf") }' \
        "$SHIPPED/btns-policy.5"
    for file in "$at"/*.conf; do
        dump "$file" admin
        [[ $status -eq 0 && ${#lines[@]} -ge 1 ]]
        run "$ctl" check --offline "$file"
        [[ $output != *error:* ]]
        n=$((n + 1))
    done
    [[ $n -ge 6 ]]
    # The last two say the same: the printer's rule and the server's.
    meant() { "$UNIT/rules/compile/dump" "$1" | sed 's/^[^ ]* [^ ]* //'; }
    diff <(meant "$at/6.conf" | tr , '\n' | sort) <(meant "$at/7.conf" | tr , '\n' | sort)
}

@test "the manual page's examples are good policies, and its tables name every field" {
    local at=$BATS_TEST_TMPDIR n=0 file word
    awk -v at="$at" '/^\.EX/ { n++; on = 1; next } /^\.EE/ { on = 0 } on { print > (at "/" n ".conf") }' \
        "$SHIPPED/btns-rules.5"
    for file in "$at"/*.conf; do
        case $(<"$file") in
        *sign-key*) continue ;; # it needs a key: chained.bats
        *'author "acme"'* | *'package "NAME"'*) continue ;; # of other authors: authors.bats
        esac
        dump "$file" admin
        [[ $status -eq 0 && ${#lines[@]} -ge 1 ]]
        n=$((n + 1))
    done
    [[ $n -ge 4 ]]
    for word in format protocol mode suites identity timeout keys connection child reqid peer accept-no-replay match at remote port \
        action profile mandatory reason version sequence key programs local user group cgroup interface hosts \
        users groups require vendor description; do
        grep -q "^$word	" "$SHIPPED/btns-rules.5"
    done
    for word in protect prefer bypass discard log sign random-port connect transmit receive accept confidentiality named-peer; do
        grep -q "^$word	" "$SHIPPED/btns-rules.5"
    done
}

@test "the manual page's tables have every field that the reader knows (O26, O45)" {
    local section
    for section in file profile program rule group point package author; do
        sed -n "/^\.SS.*\(of a $section\|$section \\\\(dqNAME\)/,/^\.SS\|^\.SH/p" "$SHIPPED/btns-rules.5" |
            sed -n '/^Field\t/,/^\.TE/p' | cut -f 1 | tr ',' '\n' | tr -d ' ' >"$BATS_TEST_TMPDIR/page.$section"
        awk -v s="\"$section\"" '/\.name =/ { on = index($0, s) } on' "$SHIPPED/../btnsd/rules/read/grammar.c" |
            grep -oE '\{"[a-z-]+",' | tr -d '{",' | grep -vxE 'connection|child' >"$BATS_TEST_TMPDIR/schema.$section" # keys = system
        [[ -s $BATS_TEST_TMPDIR/schema.$section ]]
        for word in $(cat "$BATS_TEST_TMPDIR/schema.$section"); do
            grep -qx -- "$word" "$BATS_TEST_TMPDIR/page.$section" || { echo "$section: $word is not in the page"; return 1; }
        done
    done
}

@test "a rule says what it needs, and no more: all else is the profile's, or every connection (O33, O39)" {
    policy_dir
    put a.conf r protect
    dump "$dir"
    [[ $status -eq 0 && $output == "a.conf:4 p/r at=connect,accept protect profile=default(aes256gcm16,known-key,10000) match=/usr/bin/p" ]]
    local question
    for question in 'connect /usr/bin/p - 10.0.0.1:1' 'connect /usr/bin/p 10.9.9.9:9 [fd00::1]:65535' \
        'accept /usr/bin/p 0.0.0.0:22 -' 'accept /usr/bin/p [::1]:22 [fe80::1]:5'; do
        # shellcheck disable=SC2086
        run "$UNIT/rules/ask/decide" "$dir" $question
        [[ $status -eq 0 && $output == "p/r:protect" ]]
    done
    run "$UNIT/rules/ask/decide" "$dir" connect /usr/bin/q - 10.0.0.1:1
    [[ $output == none ]]
}

@test "nothing without integrity can be asked for, no AH, no tunnel, and no secret can be written (O84, O87, Ub)" {
    local file=$BATS_TEST_TMPDIR/p.conf said n=0
    while IFS='|' read -r field said; do
        printf 'format = 1\nprofile "x" { %s }\n' "$field" >"$file"
        dump "$file" admin
        [[ $status -eq 1 && $output == "$file:2: $said"* ]]
        n=$((n + 1))
    done <<'END'
suites = null|suites "null" is not known: write aes256gcm16, aes128gcm16 or chacha20poly1305
suites = none|suites "none" is not known
suites = aes256|suites "aes256" is not known
suites = aes256ctr|suites "aes256ctr" is not known
suites = { aes256gcm16, null }|several suites are not supported yet: keep one
protocol = ah|protocol "ah" is not supported yet: write esp
mode = tunnel|mode "tunnel" is not supported yet: write transport
psk = "secret"|"psk" is not known in a profile
secret = "secret"|"secret" is not known in a profile
identity = psk|identity "psk" is not known
END
    [[ $n -eq 10 ]]
}

@test "every part of a rule counts: point, program, port, prefix (O15, O38, O47)" {
    policy_dir
    install -m 644 "$DATA/matching.conf" "$dir"
    answers "$DATA/matching.questions" "$dir"
}

@test "deciding by the index is deciding by a look at every rule in order (O12, O36, O79)" {
    run "$UNIT/rules/index/index"
    echo "$output"
    [[ $status -eq 0 && $output == *"ok - patterns match as with fnmatch(3)"* ]]
    run "$UNIT/rules/index/index" "$RANDOM$RANDOM" 60
    echo "$output"
    [[ $status -eq 0 ]]
}

@test "a decision compares the program's own rules, found once, however many others there are (O36)" {
    run "$UNIT/rules/index/effort"
    echo "$output"
    [[ $status -eq 0 && $(grep -c '^ok' <<<"$output") -eq 91 ]]
}

@test "each field of the grammar has its own setter" {
    run "$UNIT/rules/compile/setters"
    echo "$output"
    [[ $status -eq 0 && $output == ok* ]]
}

# chain POINT PROGRAM LOCAL REMOTE: every rule that could have decided, and why.
chain() {
    run "$UNIT/rules/ask/candidates" "$dir" "$@"
    echo "$output"
}

@test "every candidate says why it won or lost, by the decision itself (O46, O50, O79)" {
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

@test "files are tried in the order of their names, other files not at all (O11)" {
    policy_dir
    put 10-b.conf second
    put 9.conf last
    put 10-a.conf first
    put .hidden.conf hidden
    put 20.conf~ backup
    put README readme
    put .conf nameless
    dump "$dir"
    [[ $status -eq 0 && ${#lines[@]} -eq 3 ]]
    [[ ${lines[0]} == "10-a.conf:4 p/first "* && ${lines[1]} == "10-b.conf:4 p/second "* ]]
    [[ ${lines[2]} == "9.conf:4 p/last "* ]]
    run "$UNIT/rules/ask/decide" "$dir" connect /usr/bin/p - 10.0.0.1:80
    [[ $output == "p/first:bypass" ]]
}

@test "a profile serves all files, and only one file may define it (O17, O64)" {
    policy_dir
    printf 'format = 1\nprofile "x" { timeout = 7 }\n' >"$dir/50.conf"
    put 10.conf r 'protect profile = x'
    dump "$dir"
    [[ $status -eq 0 && $output == *"profile=x(aes256gcm16,known-key,7000)"* ]]
    printf 'format = 1\n\nprofile "x" { timeout = 8 }\n' >"$dir/60.conf"
    refuses "$dir" "$dir/60.conf:3: profile \"x\" is already defined at $dir/50.conf:2"
    rm "$dir/50.conf" "$dir/60.conf"
    refuses "$dir" "$dir/10.conf:4: there is no profile \"x\": define it, in any file"
    printf 'format = 1\nprofile "default" { }\n' >"$dir/05.conf"
    refuses "$dir" "$dir/10.conf:4: there is no profile \"x\": define it, in any file"
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
    rule a bypass # no number is a rank of its own
    rule b prefer
    conflict b prefer a bypass
    rm "$dir"/*
    printf 'format = 1\nprofile "x" { suites = aes128gcm16 }\nprofile "y" { timeout = 5 }\n' >"$dir/0.conf"
    rule 050-a protect
    rule 50-b protect 'profile = x'
    conflict 50-b protect 050-a protect
}

@test "what cannot meet, has another number, or agrees is no conflict (O34)" {
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

@test "one bad file refuses the whole directory" {
    policy_dir
    put 10.conf
    put 20.conf r nonsense
    put 30.conf
    refuses "$dir" "$dir/20.conf:4: action \"nonsense\" is not known: write bypass, prefer, protect, discard, log, sign, random-port or no-downgrade"
    printf 'format = 1\nprogram "p" {\n' >"$dir/20.conf"
    refuses "$dir" "$dir/20.conf:2: this program is never closed: \"}\" is missing"
}

@test "an empty directory gives no rules, a missing one is an error" {
    policy_dir
    dump "$dir"
    [[ $status -eq 0 && -z $output ]]
    refuses "$dir/none" "$dir/none: no such directory"
    refuses "$dir/none/deeper" "$dir/none: no such directory"
}

@test "the directory's path is absolute and has no links or files in it" {
    policy_dir
    ln -s "$dir" "$dir/../link"
    refuses "${dir%/*}/link" "${dir%/*}/link: is a symbolic link: name the real directory"
    ln -s .. "$dir/up"
    refuses "$dir/up/policy.d" "$dir/up: is a symbolic link: name the real directory"
    put file
    refuses "$dir/file/x" "$dir/file: Not a directory"
    cd "$dir/.."
    refuses policy.d "policy.d: not an absolute path"
}

@test "links, directories, FIFOs, sockets and devices are no policy files" {
    policy_dir
    put real
    ln -s real "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a symbolic link, not a regular file"
    rm "$dir/a.conf" && ln -s nowhere "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a symbolic link, not a regular file"
    rm "$dir/a.conf" && mkdir "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a directory, not a regular file"
    rmdir "$dir/a.conf" && mkfifo "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is a FIFO, not a regular file"
    rm "$dir/a.conf"
    python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: is not a regular file"
    rm "$dir/a.conf" && mknod "$dir/a.conf" c 1 5
    refuses "$dir" "$dir/a.conf: is a device, not a regular file"
}

@test "files must be root's own and nobody else's to write (O5, O7)" {
    policy_dir
    put a.conf
    chmod 0664 "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: can be written by group or others (mode 0664): chmod go-w it"
    chmod 0602 "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: can be written by group or others (mode 0602): chmod go-w it"
    chmod 0644 "$dir/a.conf"
    chown 65534 "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: belongs to user 65534, not to root"
    chown 0:65534 "$dir/a.conf"
    chmod 0400 "$dir/a.conf"
    dump "$dir"
    [[ $status -eq 0 ]]
}

@test "the directory and every one above it must be root's too, sticky or not" {
    policy_dir
    put a.conf
    local parent=${dir%/*}
    chmod 0775 "$dir"
    refuses "$dir" "$dir: can be written by group or others (mode 0775): chmod go-w it"
    chmod 0755 "$dir"
    chmod 1777 "$parent"
    refuses "$dir" "$parent: can be written by group or others (mode 1777): chmod go-w it"
    chmod 0755 "$parent"
    chown 65534 "$parent"
    refuses "$dir" "$parent: belongs to user 65534, not to root"
    chown 0 "$parent"
    chown 65534 "$dir"
    refuses "$dir" "$dir: belongs to user 65534, not to root"
}

@test "sizes of files are bounded, one by one and together" {
    policy_dir
    local i
    { echo 'format = 1'; yes '# filler'; } | head -c 65537 >"$dir/a.conf"
    refuses "$dir" "$dir/a.conf: larger than 65536 octets"
    truncate -s 1G "$dir/a.conf"
    refuses "$dir" "$dir/a.conf: larger than 65536 octets"
    { echo 'format = 1'; yes '# filler'; } | head -c 65535 >"$dir/a.conf"
    echo >>"$dir/a.conf"
    for ((i = 0; i < 63; i++)); do cp "$dir/a.conf" "$dir/b$i.conf"; done
    dump "$dir"
    [[ $status -eq 0 ]]
    echo 'format = 1' >"$dir/z.conf"
    refuses "$dir" "$dir/z.conf: with it the policy files are larger than 4194304 octets"
}

@test "the number of files and the length of their names are bounded" {
    policy_dir
    local i long
    for ((i = 0; i < 256; i++)); do echo 'format = 1' >"$dir/$i.conf"; done
    dump "$dir"
    [[ $status -eq 0 ]]
    echo 'format = 1' >"$dir/more.conf"
    refuses "$dir" "$dir: more than 256 policy files"
    rm "$dir"/*
    long=$(printf '%*s' $((251 - ${#dir})) '' | tr ' ' x)
    echo 'format = 1' >"$dir/$long.conf"
    refuses "$dir" "$dir/$long.conf: the path is longer than 255 octets"
}

@test "a file's name cannot play tricks on a terminal" {
    policy_dir
    put $'a\e[31m.conf'
    refuses "$dir" "$dir/a?[31m.conf: its name has more than printable ASCII characters"
}

@test "ten thousand rules load in far less time than the reader is given" {
    policy_dir
    local f r
    for f in {100..199}; do
        {
            printf 'format = 1\nprogram "p%s" {\n match = { "/usr/bin/p%s" }\n' "$f" "$f"
            for r in {1..100}; do
                printf ' rule "r%s" { at = connect remote = { "10.%s.0.0/16" } port = { %s } action = protect }\n' "$r" "$r" "$r"
            done
            echo '}'
        } >"$dir/$f.conf"
    done
    local TIMEFORMAT=%U ms
    ms=$({ time "$UNIT/rules/compile/dump" "$dir" >"$BATS_TEST_TMPDIR/out"; } 2>&1)
    echo "CPU time: $ms s"
    [[ $(wc -l <"$BATS_TEST_TMPDIR/out") -eq 10000 ]]
    [[ 10#${ms/./} -lt 2000 ]]
    run "$UNIT/rules/ask/decide" "$dir" connect /usr/bin/p199 - 10.100.1.1:100
    [[ $output == "p199/r100:protect" ]]
}
