#!/usr/bin/env bats
# The shipped policies, the examples of btns-policy(5) and its tables; the fields that a rule needs, and what no rule
# can ask for.

load common

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
    # The last two are the same rule: the printer's and the server's.
    meant() { "$UNIT/rules/compile/dump" "$1" | sed 's/^[^ ]* [^ ]* //'; }
    diff <(meant "$at/6.conf" | tr , '\n' | sort) <(meant "$at/7.conf" | tr , '\n' | sort)
}

@test "the manual page's examples are good policies, and its tables name every field" {
    local at=$BATS_TEST_TMPDIR n=0 file word
    awk -v at="$at" '/^\.EX/ { n++; on = 1; next } /^\.EE/ { on = 0 } on { print > (at "/" n ".conf") }' \
        "$SHIPPED/btns-rules.5"
    for file in "$at"/*.conf; do
        case $(<"$file") in
        *sign-key*) continue ;; # needs a key: see chained.bats
        *'author "acme"'* | *'package "NAME"'*) continue ;; # written by other authors: see authors.bats
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

@test "a rule needs few fields: all others come from the profile, or mean every connection (O33, O39)" {
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

@test "a policy cannot ask for a suite without integrity, AH or a tunnel, and cannot contain a secret (O84, O87, Ub)" {
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

@test "each field of the grammar has its own setter" {
    run "$UNIT/rules/compile/setters"
    echo "$output"
    [[ $status -eq 0 && $output == ok* ]]
}
