#!/usr/bin/env bats
# btnsctl check: every check finds its fault in policy files, at the right place, and nothing else.
bats_require_minimum_version 1.5.0

load lint/common

@test "each file has the findings it names, at their lines and texts, and no other (Ua, Ub, Uc, Ud, Ue, Uf, Ug, Uh, Ui, Uo)" {
    local file n=0
    for file in "$data"/*.conf; do
        diff <(sed -n 's/^# found: //p' "$file") <(found --offline "$file") || { echo "in $file"; return 1; }
        n=$((n + 1))
    done
    [[ $n -ge 20 ]]
}

@test "every check that looks at rules has a file that shows it, and every check is in the manual" {
    local name
    sed -n 's/^ *{"U[a-z]", "\([a-z-]*\)", LINT_[A-Z]*, lint_.*/\1/p' \
        "$BATS_TEST_DIRNAME/../../btnsd/ctl/lint/checks.c" >"$at/names"
    [[ $(wc -l <"$at/names") -ge 16 ]]
    while read -r name; do
        grep -qE "^# found: [0-9]+ U[a-z] $name( |$)" "$data/$name.conf" || { echo "$name"; return 1; }
    done <"$at/names"
    sed -n 's/^ *{"[A-Za-z]*", "\([a-z-]*\)", LINT_.*/\1/p' "$BATS_TEST_DIRNAME/../../btnsd/ctl/lint/checks.c" |
        while read -r name; do
            grep -qE "	$name	" "$BATS_TEST_DIRNAME/../../btnsd/ctl/btnsctl.8" || { echo "$name"; return 1; }
        done
}

@test "the shipped policies have no finding" {
    run -0 "$ctl" check --offline "$shipped"
    [[ $output =~ ^[0-9]+\ files,\ [0-9]+\ rules:\ 0\ errors,\ 0\ warnings,\ 0\ notes(,\ [0-9]+\ accepted)?\; ]]
    for file in "$shipped"/*.conf; do
        run -0 "$ctl" check --offline "$file"
    done
}

@test "a person sees the place, the line, a caret, the reason, and what to write instead" {
    run -1 "$ctl" check --offline "$data/one-family.conf"
    [[ ${lines[0]} == "$data/one-family.conf:8: warning: Ua one-family: this is every address of IPv4 and none of IPv6" ]]
    [[ ${lines[1]} == '          "0.0.0.0/0" }' ]]
    [[ ${lines[2]} == '          ^~~~~~~~~~~' ]]
    [[ ${lines[3]} == '    instead: add "::/0", or leave remote out for every address' ]]
    [[ ${lines[4]} == "1 file, 1 rule: 0 errors, 1 warning, 0 notes; this host was not probed" ]]
}

@test "exit 0 without findings or with notes alone, 1 with others, 2 for wrong usage" {
    run -0 "$ctl" check --offline "$data/clean.conf"
    run -0 "$ctl" check --offline "$data/repeated.conf"
    run -1 "$ctl" check --offline "$data/bgp.conf"
    run -1 "$ctl" check --offline "$data/refused.conf"
    run --separate-stderr -2 "$ctl" check --offline "$at/none.conf"
    [[ $stderr == *"none.conf: No such file or directory" && -z $output ]]
    run -2 "$ctl" check --accept "$data/clean.conf"
    run -2 "$ctl" status --offline
}

@test "a fault in one file hides none in another; the reasons are the compiler's" {
    mkdir "$at/d"
    printf 'format = 1\nprogram "p" {\n' >"$at/d/a.conf"
    printf 'format = 1\nprofile "x" { colour = red }\n' >"$at/d/b.conf"
    run -1 "$ctl" check --offline "$at/d"
    [[ $output == *'a.conf:2: error: refused: this program is never closed'* ]]
    [[ $output == *'b.conf:2: error: refused: "colour" is not known in a profile'* ]]
    [[ $output == *$'\n    profile "x" { colour = red }\n                  ^~~~~~\n'* ]]
}

@test "a directory's files are checked in btnsd's order, and together" {
    mkdir "$at/d"
    program /usr/bin/p
    cp "$at/p.conf" "$at/d/10.conf"
    sed 's/protect/discard/' "$at/p.conf" >"$at/d/9.conf"
    run -1 "$ctl" check --offline "$at/d"
    [[ $output == "$at/d/9.conf:4: warning: Ua shadowed: never decides: rule \"r\" ($at/d/10.conf:4)"* ]]
}

@test "a match that is a symbolic link never matches: check names the real path (Ua)" {
    ln -s "$(realpath /bin/true)" "$at/link"
    program "$at/link"
    run -1 "$ctl" check "$at/p.conf"
    [[ $output == *"p.conf:3: warning: Ua link: leads by a symbolic link to $(realpath /bin/true)"* ]]
    [[ $output == *"instead: write \"$(realpath /bin/true)\""* ]]
    mkdir "$at/real"
    cp /bin/true "$at/real/true"
    ln -s real "$at/dir"
    program "$at/dir/true"
    [[ $(found "$at/p.conf") == *"3 Ua link \"$at/dir/true\""* ]]
    program "$at/real/true"
    [[ $(found "$at/p.conf") != *Ua* ]]
}

@test "a match that is no file: a note, or the program's real place (Ua)" {
    program /opt/none/no-such-program-here bypass
    [[ $(found "$at/p.conf") == *"3 Ua absent \"/opt/none/no-such-program-here\""* ]]
    program /opt/none/env
    run "$ctl" check "$at/p.conf"
    [[ $output == *"Ua elsewhere: there is no such file here, but there is /usr/bin/env"* ]]
    # One of several is enough: programs have other names in other releases.
    printf 'format = 1\nprogram "p" {\n  match = { "/usr/bin/env", "/usr/bin/env-ng" }\n  rule "r" { action = protect }\n}\n' >"$at/p.conf"
    [[ $(found "$at/p.conf") != *Ua* ]]
}

# authority DAYS NOT-BEFORE: a file of root's, as btnsd wants it; name in $ca, its directory in $pki
authority() {
    pki=$(mktemp -d /run/btns-lint-XXXXXX)
    chmod 755 "$pki"
    ca=$pki/ca.pem
    openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=ca -days "$1" -out "$ca" \
        -addext basicConstraints=critical,CA:TRUE 2>/dev/null
    chmod 644 "$ca"
}
# by_certificate FIELDS [RULE-FIELDS]
by_certificate() {
    printf 'format = 1\nprofile "c" { identity = certificate ca = "%s" %s }\nprogram "p" { match = { "/usr/bin/p" }\n  rule "r" { action = protect profile = "c" %s } }\n' \
        "$ca" "$1" "${2-}" >"$at/c.conf"
}

@test "certificates: an authority is named by its file; a rule accepts any certificate of it only if that is written out, and check says so (O55, Uf, Ug)" {
    root
    authority 5
    by_certificate 'id = "bob.lab"'
    run -0 found --offline "$at/c.conf"
    [[ -z $output ]]
    by_certificate ''
    run -0 found --offline "$at/c.conf"
    [[ $output == *"4 refused refused"* ]]
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"needs an id; to take every certificate of the ca, write permit = { any-of-ca }"* ]]
    by_certificate 'permit = { any-of-ca }'
    run -0 found --offline "$at/c.conf"
    [[ $output == "4 Ug any-of-ca"* ]]
    by_certificate 'permit = { any-of-ca } id = "bob.lab"'
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"contradict each other"* ]]
    chmod 664 "$ca"
    by_certificate 'id = "bob.lab"'
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"can be written by group or others"* ]]
    chmod 600 "$ca"
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"cannot be read by everybody"* ]]
    openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=leaf -days 5 -out "$ca" \
        -addext basicConstraints=critical,CA:FALSE 2>/dev/null
    chmod 644 "$ca"
    run -1 "$ctl" check --offline "$at/c.conf"
    [[ $output == *"is no certificate authority's"* ]]
    rm -r "$pki"
}

@test "anybody can check files, with btnsd's own confinement of the reader" {
    root
    chmod 755 "$at"
    cp "$data/clean.conf" "$at/c.conf"
    chmod 644 "$at/c.conf"
    cp "$ctl" /tmp/btnsctl.$$ && chmod 755 /tmp/btnsctl.$$
    cp "$at/c.conf" /tmp/lint.$$.conf
    run setpriv --reuid=65534 --regid=65534 --clear-groups /tmp/btnsctl.$$ check --offline /tmp/lint.$$.conf
    rm -f /tmp/btnsctl.$$ /tmp/lint.$$.conf
    [[ $status -eq 0 ]]
}

@test "several findings of a kind are printed as one with their number; -v shows each, and errors are always shown" {
    { printf 'format = 1\n'; for i in {1..6}; do printf 'prefer out port %d user 1 label p%d\n' "$i" "$i"; done
        printf 'bypass all\n'; } >"$at/many.conf"
    run "$ctl" check --offline "$at/many.conf"
    first=$output
    [[ $(grep -c ' anybody-clear: ' <<<"$first") -eq 1 && $first == *$'\n    and 5 more anybody-clear (-v shows them): many.conf:3, many.conf:4, many.conf:5, many.conf:6, ...\n'* ]]
    run "$ctl" check --offline -v "$at/many.conf"
    [[ $(grep -c ' anybody-clear: ' <<<"$output") -eq 6 && $output != *' more '* ]]
    [ "$(tail -n 1 <<<"$first")" = "${lines[-1]}" ]
    mkdir "$at/d"
    for i in 1 2 3; do printf 'format = 1\nrule\n' >"$at/d/$i.conf"; done
    run -1 "$ctl" check --offline "$at/d"
    [[ $(grep -c ' error: refused: ' <<<"$output") -eq 3 ]]
}

@test "a comment on the line or right above it accepts a finding by name, and no other, and no error" {
    accepts() {
        printf 'format = 1\n%s\n' "$1" >"$at/a.conf"
        run "$ctl" check --offline "$at/a.conf"
        echo "$output"
        [[ $status -eq $2 && $output == *"$3"* ]]
    }
    accepts 'bypass all' 1 '1 warning, 0 notes;'
    accepts 'bypass all # check: accept everything-clear' 0 '0 warnings, 0 notes, 1 accepted;'
    accepts $'# check: accept shadowed, everything-clear\n# as nobody here has IPsec\nbypass all' 0 ', 1 accepted;'
    accepts $'# check: accept everything-clear\n\nbypass all' 1 '1 warning, 0 notes;'
    accepts 'bypass all # check: accept everything' 1 '1 warning, 0 notes;'
    accepts 'protect to 224.0.0.1 # check: accept multicast' 1 '1 error,'
    [[ $("$ctl" check --offline --json "$at/a.conf" | python3 -c 'import json, sys; print(json.load(sys.stdin)["accepted"])') -eq 0 ]]
}

@test "host names that are missing in /etc/hosts are reported, with the file" {
    root
    printf 'format = 1\nprotect to localhost, db.test port 22\n' >"$at/n.conf"
    printf '127.0.0.1 localhost\n192.0.2.7 other DB.test # not.this\n' >"$at/hosts"
    named() { unshare -m --propagation private sh -c 'mount --bind "$1" /etc/hosts && exec "$2" check "$3"' - "$at/hosts" "$ctl" "$at/n.conf"; }
    run named
    [[ $output != *by-dns* ]]
    printf '127.0.0.1 localhost\n# 192.0.2.7 db.test\ndb.test other\n' >"$at/hosts"
    run named
    [[ $output == *"n.conf:2: warning: Ua by-dns: db.test is not in /etc/hosts"* ]]
    run "$ctl" check --offline "$at/n.conf"
    [[ $output != *by-dns* ]]
}

@test "a peer's name that no known peer has is reported by asking btnsd, which knows the peers" {
    load helpers
    make_dir
    start_mock
    printf 'format = 1\nprogram "p" { match = "/usr/bin/env" rule "r" { action = protect identity = named permit = { bob, carol } } }\n' >"$at/p.conf"
    [[ $(found --socket "$socket" "$at/p.conf") == *'2 Uf no-peer carol'* && $(found --socket "$socket" "$at/p.conf") != *'no-peer bob'* ]]
    stop_mock
    [[ $(found --socket "$socket" "$at/p.conf") != *no-peer* ]]
    rm -rf "$dir"
}
