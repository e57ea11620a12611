#!/usr/bin/env bats
# What each author may write: mandatory rules, and packages that their authors have signed.

load authors

# file TEXT: an administrator's file, in $file
file() {
    file=$BATS_TEST_TMPDIR/p.conf
    printf 'format = 1\nprogram "p" {\n  match = { "/usr/bin/p" }\n%s\n}\n' "$1" >"$file"
}

# refuses LINE REASON
refuses() {
    run timeout 100 "$UNIT/rules/compile/dump" "$file" admin
    echo "got $status: $output"
    [[ $status -eq 1 && $output == "$file:$1: $2" ]]
}

@test "mandatory rules come first, with their reason, wherever they stand (O35, O73)" {
    file '  rule "a" { action = bypass }
  rule "b" { action = protect mandatory = true reason = "the law" }
  rule "c" { action = discard mandatory = false }
  rule "d" { mandatory = true action = discard reason = "the house" }'
    run "$UNIT/rules/compile/dump" "$file" admin
    echo "$output"
    [[ $status -eq 0 && ${#lines[@]} -eq 4 ]]
    [[ ${lines[0]} == "p.conf:5 p/b "*" mandatory: the law" && ${lines[1]} == "p.conf:7 p/d "*" mandatory: the house" ]]
    [[ ${lines[2]} == "p.conf:4 p/a "* && ${lines[3]} == "p.conf:6 p/c "* ]]
    [[ $output == *mandatory*mandatory* && $output != *mandatory*mandatory*mandatory* ]]
}

@test "a mandatory rule without a reason, and a reason without a mandatory rule, are refused with their line (O73)" {
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
    run timeout 100 "$UNIT/rules/compile/dump" "$file"
    [[ $status -eq 1 && $output == "$file:5: mandatory is not for users' policies" ]]
    file '  rule "a" { action = protect
    reason = "because" }'
    run timeout 100 "$UNIT/rules/compile/dump" "$file"
    [[ $status -eq 1 && $output == "$file:5: reason is not for users' policies" ]]
}

# ---- packages ----

load_policies() {
    run timeout 200 "$UNIT/rules/files/authors" "$place/policy" "$place/packages" "$place/authors" "$place/sequences" \
        "$place/vendor"
    echo "got $status: $output"
}

# rejected REASON: this is the whole message, except for the place
rejected() {
    load_policies
    [[ $status -eq 1 && ${output//$place\//} == "$1" ]]
}

@test "a signed package's rules come before the defaults and name package, version and signer (O5, O68)" {
    place
    package 3
    sign
    load_policies
    [[ $status -eq 0 && ${#lines[@]} -eq 2 ]]
    [[ ${lines[0]} == "package, package acme-tool 1.3 of acme: tool/r prefer aes256gcm16" ]]
    [[ ${lines[1]} == "default, administrator: all/rest protect chacha20poly1305" ]]
}

@test "an unsigned package, a wrong key, a changed text, a broken signature: the whole policy is refused (O5, O6)" {
    place
    package 3
    rejected "packages/acme-tool.conf: has no signature beside it (acme-tool.conf.sig)"
    sign other
    rejected "packages/acme-tool.conf: its signature is none of an author's that is known here"
    sign
    echo "# more" >>"$place/packages/acme-tool.conf"
    rejected "packages/acme-tool.conf: its signature is none of an author's that is known here"
    package 3
    head -c 63 /dev/zero >"$place/packages/acme-tool.conf.sig"
    rejected "packages/acme-tool.conf.sig: is not an Ed25519 signature of 64 octets"
    head -c 65 /dev/zero >"$place/packages/acme-tool.conf.sig"
    rejected "packages/acme-tool.conf.sig: is not an Ed25519 signature of 64 octets"
    rm "$place/packages/acme-tool.conf.sig"
    ln -s /dev/zero "$place/packages/acme-tool.conf.sig"
    rejected "packages/acme-tool.conf.sig: is a symbolic link, not a regular file"
    rm "$place/packages/acme-tool.conf.sig"
    mkfifo "$place/packages/acme-tool.conf.sig"
    rejected "packages/acme-tool.conf.sig: is a FIFO, not a regular file"
    rm "$place/packages/acme-tool.conf.sig"
    sign
    chmod 666 "$place/packages/acme-tool.conf.sig"
    rejected "packages/acme-tool.conf.sig: can be written by group or others (mode 0666): chmod go-w it"
    chmod 644 "$place/packages/acme-tool.conf.sig"
    rm "$place/authors/acme.conf"
    rejected "packages/acme-tool.conf: its signature is none of an author's that is known here"
}

@test "a package keeps to its author's programs and addresses, and says nothing of users (O6, O32, O51)" {
    place
    package 3 /usr/bin/curl
    sign
    rejected 'packages/acme-tool.conf:3: program "tool": "/usr/bin/curl" is outside of what author "acme" may speak for'
    package 3 '*'
    sign
    rejected 'packages/acme-tool.conf:3: program "tool": "*" is outside of what author "acme" may speak for'
    package 3 /opt/acme/tool 'remote = { "10.0.0.0/8", "192.0.2.0/24" } action = bypass'
    sign
    rejected 'packages/acme-tool.conf:5: rule "r": its remote addresses are not all inside of what author "acme" may speak for'
    package 3 /opt/acme/tool 'action = bypass'
    sign
    rejected 'packages/acme-tool.conf:5: rule "r": its remote addresses are not all inside of what author "acme" may speak for'
    package 3 /opt/acme/tool 'remote = "10.0.0.0/8" action = protect mandatory = true reason = "we say so"'
    sign
    rejected 'packages/acme-tool.conf:5: mandatory is not for packages'
    # No condition on users (O51), and no key manager but btnsd's own.
    package 3 /opt/acme/tool 'remote = "10.0.0.0/8" action = protect user = 0'
    sign
    rejected 'packages/acme-tool.conf:5: user is not for packages'
    package 3 /opt/acme/tool 'remote = "10.0.0.0/8" action = protect group = 0'
    sign
    rejected 'packages/acme-tool.conf:5: group is not for packages'
    package 3
    sed -i '2s/$/ profile "x" { keys = manual }/' "$place/packages/acme-tool.conf"
    sign
    rejected 'packages/acme-tool.conf:2: keys is not for packages'
    "$UNIT/rules/files/authors"
}

@test "an older package is refused, and so is a changed one with the same number (O6)" {
    place
    package 3
    sign
    load_policies
    [[ $status -eq 0 ]]
    package 5
    sign
    load_policies
    [[ $status -eq 0 && ${lines[0]} == *" 1.5 "* ]]
    package 3
    sign
    rejected 'packages/acme-tool.conf:2: package "acme-tool" is rolled back: its sequence is 3, and 5 was in force'
    package 5 /usr/bin/tool
    sign
    rejected 'packages/acme-tool.conf:2: package "acme-tool" is not what was in force under its sequence 5: a changed package has a higher one'
    # Its number is not forgotten while the package is away.
    rm "$place"/packages/*
    load_policies
    [[ $status -eq 0 ]]
    package 4
    sign
    rejected 'packages/acme-tool.conf:2: package "acme-tool" is rolled back: its sequence is 4, and 5 was in force'
    package 5
    sign
    load_policies
    [[ $status -eq 0 ]]
    [[ $(stat -c '%a %U' "$place/sequences") == "600 root" ]]
    echo "nonsense" >>"$place/sequences"
    load_policies
    [[ $status -eq 1 && $output == *"sequences:2: not a line of packages' numbers"* ]]
}

@test "a package states its name once, and it is the file's name (O64)" {
    place
    printf 'format = 1\nprogram "tool" { match = "/usr/bin/tool"  rule "r" { action = bypass remote = "10.0.0.1" } }\n' >"$place/packages/acme-tool.conf"
    sign
    rejected 'packages/acme-tool.conf:2: program "tool": a package'"'"'s first section says which it is: package "NAME" { version = ... sequence = ... }'
    package 1
    mv "$place/packages/acme-tool.conf" "$place/packages/other.conf"
    sign key other
    rejected 'packages/other.conf:2: package "acme-tool": a package is called as its file'
    rm "$place/packages/other.conf"
    package 0
    sign
    rejected 'packages/acme-tool.conf:2: sequence "0": write a number from 1 on'
    printf 'format = 1\npackage "acme-tool" { version = "1" }\n' >"$place/packages/acme-tool.conf"
    sign
    rejected 'packages/acme-tool.conf:2: package "acme-tool" has no sequence: a number that only grows'
    printf 'format = 1\n' >"$place/packages/acme-tool.conf"
    sign
    rejected 'packages/acme-tool.conf: says not which package it is: package "NAME" { version = ... sequence = ... }'
    rm "$place"/packages/*
    printf 'format = 1\npackage "x" { version = 1 sequence = 1 }\n' >"$place/policy/x.conf"
    rejected "policy/x.conf:2: package is not for administrator's policies"
}

@test "a package's profiles are its own; the administrator's are not touched (O32)" {
    place
    printf 'format = 1\npackage "acme-tool" { version = "1"  sequence = 1 }\nprofile "p" { suites = aes128gcm16 }\nprofile "default" { suites = aes128gcm16 }\nprogram "tool" { match = "/usr/bin/tool"  rule "a" { remote = "10.0.0.1" action = protect profile = p }  rule "b" { remote = "10.0.0.2" action = protect } }\n' \
        >"$place/packages/acme-tool.conf"
    sign
    printf 'format = 1\nprogram "any" { match = "*"  rule "unnamed" { action = protect } }\n' >"$place/policy/98.conf"
    load_policies
    [[ $status -eq 0 ]]
    [[ ${lines[0]} == *": tool/a protect aes128gcm16" && ${lines[1]} == *": tool/b protect aes128gcm16" ]]
    [[ ${lines[2]} == *": any/unnamed protect aes256gcm16" && ${lines[3]} == *": all/rest protect chacha20poly1305" ]]
    package 2 /usr/bin/tool 'remote = "10.0.0.1" action = protect profile = p'
    sign
    load_policies
    [[ $status -eq 1 && $output == *'there is no profile "p"'* ]]
}

# vendor NAME ACTION [DIRECTORY]: a file of the vendor's, with one rule of that name
vendor() {
    mkdir -p "$place/${3-vendor}"
    printf 'format = 1\nprogram "%s" { match = "/usr/bin/%s"  rule "r" { action = %s } }\n' "$1" "$1" "$2" >"$place/${3-vendor}/$1.conf"
}

@test "the administrator's file replaces the vendor's of the same name; all files are in the order of their names (O4, O5)" {
    place
    vendor a discard
    vendor b discard
    vendor c discard
    vendor b bypass policy
    load_policies
    [[ $status -eq 0 && $(sed 's/.*: //' <<<"$output" | paste -sd ,) == 'all/rest protect chacha20poly1305,a/r discard,b/r bypass,c/r discard' ]]
    # Each rule names its author.
    [[ $(cut -d : -f 1 <<<"$output" | paste -sd ,) == 'default, administrator,default, vendor,default, administrator,default, vendor' ]]
    # A file of the administrator's with its format alone turns the vendor's off.
    echo 'format = 1' >"$place/policy/c.conf"
    load_policies
    [[ $status -eq 0 && $output != *c/r* ]]
    # A fault in a vendor's file refuses all files, but not in a file that is replaced.
    echo 'nonsense' >"$place/vendor/b.conf"
    load_policies
    [[ $status -eq 0 ]]
    echo 'nonsense' >"$place/vendor/a.conf"
    load_policies
    [[ $status -eq 1 && $output == "$place/vendor/a.conf:1: "* ]]
    vendor a discard
    chmod g+w "$place/vendor"
    rejected 'vendor: can be written by group or others (mode 0775): chmod go-w it'
}

@test "authors: a key and a scope, each once; only root's files are read (O5, O31, O32)" {
    place
    local key author=$place/authors/acme.conf
    key=$(public key)
    wrong() { printf 'format = 1\n%s\n' "$1" >"$author"; rejected "authors/acme.conf:2: $2"; }
    wrong 'author "acme" { programs = "*" }' 'author "acme" has no key: write key = "ed25519:..."'
    wrong "author \"acme\" { key = \"$key\" }" 'author "acme" has no programs: say for which it may speak'
    wrong 'author "acme" { key = "ed25519:abc" programs = "*" }' 'key "ed25519:abc": write ed25519: and 44 octets of base64'
    wrong "author \"a\" { key = \"$key\" programs = \"*\" }  author \"b\" { key = \"$key\" programs = \"*\" }" \
        "key \"$key\" is author \"a\"'s already"
    wrong 'program "p" { match = "*" rule "r" { action = bypass } }' 'program is not for descriptions of authors'
    printf 'format = 1\nauthor "acme" { key = "%s" programs = "*" }\n' "$key" >"$author"
    chmod 664 "$author"
    rejected "authors/acme.conf: can be written by group or others (mode 0664): chmod go-w it"
    chmod 644 "$author"
    load_policies
    [[ $status -eq 0 ]]
    rmdir "$place/packages"
    rm -r "$place/authors"
    load_policies
    [[ $status -eq 0 ]]
    printf 'format = 1\nauthor "acme" { key = "%s" programs = "*" }\n' "$key" >"$place/policy/x.conf"
    rejected "policy/x.conf:2: author is not for administrator's policies"
}

@test "the manual page's examples of a package and an author do what the page says; btnsctl check accepts both" {
    place
    local at=$BATS_TEST_TMPDIR key page=$BATS_TEST_DIRNAME/../../policy.d/btns-rules.5
    awk -v at="$at" '/^\.EX/ { n++; on = 1; next } /^\.EE/ { on = 0 } on { print > (at "/" n ".conf") }' "$page"
    cp "$(grep -l '^package' "$at"/*.conf)" "$place/packages/NAME.conf"
    key=$(public key)
    sed "s|ed25519:[^\"]*|$key|" "$(grep -l '^author' "$at"/*.conf)" >"$place/authors/acme.conf"
    sign key NAME
    load_policies
    [[ $status -eq 0 && ${lines[0]} == "package, package NAME 2.1 of acme: acme-sync/cloud protect "* ]]
    "${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/btnsctl" check --offline "$place/packages/NAME.conf"
    "${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/btnsctl" check --offline "$place/authors/acme.conf"
}

@test "btnsctl policy sign makes signatures that btnsd accepts, and signs no package that btnsd would refuse" {
    serve
    package 3
    as 0 policy sign --key "$place/key" "$place/packages/acme-tool.conf"
    [[ $status -eq 0 && $output == "$place/packages/acme-tool.conf.sig: signed by $(public key)" ]]
    as 0 reload
    [[ $status -eq 0 ]]
    as 0 explain --json /bin/true 10.1.0.2:80
    [[ $output == *'"package acme-tool 1.3 of acme"'* ]]
    package 0
    as 0 policy sign --key "$place/key" "$place/packages/acme-tool.conf"
    [[ $status -eq 1 && $output == *'acme-tool.conf:2: sequence "0"'* ]]
    as 0 reload
    [[ $status -eq 1 && $output == *'signature is none'* ]]
    as 0 policy sign "$place/packages/acme-tool.conf"
    [[ $status -eq 2 ]]
}
