#!/usr/bin/env bats
# Who may say what: ranks, mandatory rules, packages, users.

setup_file() {
    export UNIT=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/unit
}

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
    run timeout 100 "$UNIT/rules/compile/dump" "$file"
    [[ $status -eq 1 && $output == "$file:5: mandatory is not for users' policies" ]]
    file '  rule "a" { action = protect
    reason = "because" }'
    run timeout 100 "$UNIT/rules/compile/dump" "$file"
    [[ $status -eq 1 && $output == "$file:5: reason is not for users' policies" ]]
}

# ---- packages ----

# Only root's files are believed.
place() {
    [[ $EUID -eq 0 ]] || skip "must be root to own policy files"
    place=$(mktemp -d /run/btns-authors.XXXXXX)
    mkdir "$place"/{policy,packages,authors}
    openssl genpkey -algorithm ed25519 -out "$place/key" 2>/dev/null
    openssl genpkey -algorithm ed25519 -out "$place/other" 2>/dev/null
    printf 'format = 1\nauthor "acme" {\n  key = "%s"\n  programs = { "/opt/acme/*", "/usr/bin/tool" }\n  remote = "10.0.0.0/8"\n}\n' \
        "$(public key)" >"$place/authors/acme.conf"
    printf 'format = 1\nprofile "p" { suites = chacha20poly1305 }\nprogram "all" { match = "*"  rule "rest" { action = protect profile = p } }\n' >"$place/policy/99.conf"
}

# public KEY: as authors.d has it
public() { echo "ed25519:$(openssl pkey -in "$place/$1" -pubout -outform DER | tail -c 32 | base64)"; }

# package SEQUENCE [PROGRAM [RULE]]: unsigned
package() {
    printf 'format = 1\npackage "acme-tool" { version = "1.%s"  sequence = %s }\nprogram "tool" {\n  match = { "%s" }\n  rule "r" { %s }\n}\n' \
        "$1" "$1" "${2-/opt/acme/tool}" "${3-remote = \"10.1.0.0/16\" action = prefer}" >"$place/packages/acme-tool.conf"
}

sign() {
    openssl pkeyutl -sign -rawin -inkey "$place/${1-key}" -in "$place/packages/${2-acme-tool}.conf" -out "$place/packages/${2-acme-tool}.conf.sig"
}

load() {
    run timeout 200 "$UNIT/rules/files/authors" "$place/policy" "$place/packages" "$place/authors" "$place/sequences" \
        "$place/vendor"
    echo "got $status: $output"
}

# rejected REASON: all that is said, but for the place
rejected() {
    load
    [[ $status -eq 1 && ${output//$place\//} == "$1" ]]
}

@test "a signed package's rules stand above the defaults and name package, version and signer (O5, O68)" {
    place
    package 3
    sign
    load
    [[ $status -eq 0 && ${#lines[@]} -eq 2 ]]
    [[ ${lines[0]} == "package, package acme-tool 1.3 of acme: tool/r prefer aes256gcm16" ]]
    [[ ${lines[1]} == "default, administrator: all/rest protect chacha20poly1305" ]]
}

@test "an unsigned package, a wrong key, a changed text, a broken signature: the whole is refused (O5, O6)" {
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

@test "a package never goes back, nor changes under its number (O6)" {
    place
    package 3
    sign
    load
    [[ $status -eq 0 ]]
    package 5
    sign
    load
    [[ $status -eq 0 && ${lines[0]} == *" 1.5 "* ]]
    package 3
    sign
    rejected 'packages/acme-tool.conf:2: package "acme-tool" is rolled back: its sequence is 3, and 5 was in force'
    package 5 /usr/bin/tool
    sign
    rejected 'packages/acme-tool.conf:2: package "acme-tool" is not what was in force under its sequence 5: a changed package has a higher one'
    # Not forgotten while it is away.
    rm "$place"/packages/*
    load
    [[ $status -eq 0 ]]
    package 4
    sign
    rejected 'packages/acme-tool.conf:2: package "acme-tool" is rolled back: its sequence is 4, and 5 was in force'
    package 5
    sign
    load
    [[ $status -eq 0 ]]
    [[ $(stat -c '%a %U' "$place/sequences") == "600 root" ]]
    echo "nonsense" >>"$place/sequences"
    load
    [[ $status -eq 1 && $output == *"sequences:2: not a line of packages' numbers"* ]]
}

@test "a package says which it is, once, with its file's name (O64)" {
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
    load
    [[ $status -eq 0 ]]
    [[ ${lines[0]} == *": tool/a protect aes128gcm16" && ${lines[1]} == *": tool/b protect aes128gcm16" ]]
    [[ ${lines[2]} == *": any/unnamed protect aes256gcm16" && ${lines[3]} == *": all/rest protect chacha20poly1305" ]]
    package 2 /usr/bin/tool 'remote = "10.0.0.1" action = protect profile = p'
    sign
    load
    [[ $status -eq 1 && $output == *'there is no profile "p"'* ]]
}

# vendor NAME ACTION [DIRECTORY]: a file of the vendor's, with one rule of that name
vendor() {
    mkdir -p "$place/${3-vendor}"
    printf 'format = 1\nprogram "%s" { match = "/usr/bin/%s"  rule "r" { action = %s } }\n' "$1" "$1" "$2" >"$place/${3-vendor}/$1.conf"
}

@test "the administrator's file replaces the vendor's of its name; the others stand in the order of their names (O4, O5)" {
    place
    vendor a discard
    vendor b discard
    vendor c discard
    vendor b bypass policy
    load
    [[ $status -eq 0 && $(sed 's/.*: //' <<<"$output" | paste -sd ,) == 'all/rest protect chacha20poly1305,a/r discard,b/r bypass,c/r discard' ]]
    # A file of the administrator's with its format alone turns the vendor's off.
    echo 'format = 1' >"$place/policy/c.conf"
    load
    [[ $status -eq 0 && $output != *c/r* ]]
    # What is wrong in the vendor's files refuses all, but not in one that is replaced.
    echo 'nonsense' >"$place/vendor/b.conf"
    load
    [[ $status -eq 0 ]]
    echo 'nonsense' >"$place/vendor/a.conf"
    load
    [[ $status -eq 1 && $output == "$place/vendor/a.conf:1: "* ]]
    vendor a discard
    chmod g+w "$place/vendor"
    rejected 'vendor: can be written by group or others (mode 0775): chmod go-w it'
}

@test "authors: a key and a scope, each once; files of root's alone (O5, O31, O32)" {
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
    load
    [[ $status -eq 0 ]]
    rmdir "$place/packages"
    rm -r "$place/authors"
    load
    [[ $status -eq 0 ]]
    printf 'format = 1\nauthor "acme" { key = "%s" programs = "*" }\n' "$key" >"$place/policy/x.conf"
    rejected "policy/x.conf:2: author is not for administrator's policies"
}

@test "the manual page's package and author do what it says; btnsctl check takes both" {
    place
    local at=$BATS_TEST_TMPDIR key page=$BATS_TEST_DIRNAME/../../policy.d/btns-rules.5
    awk -v at="$at" '/^\.EX/ { n++; on = 1; next } /^\.EE/ { on = 0 } on { print > (at "/" n ".conf") }' "$page"
    cp "$(grep -l '^package' "$at"/*.conf)" "$place/packages/NAME.conf"
    key=$(public key)
    sed "s|ed25519:[^\"]*|$key|" "$(grep -l '^author' "$at"/*.conf)" >"$place/authors/acme.conf"
    sign key NAME
    load
    [[ $status -eq 0 && ${lines[0]} == "package, package NAME 2.1 of acme: acme-sync/cloud protect "* ]]
    "${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/btnsctl" check --offline "$place/packages/NAME.conf"
    "${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/btnsctl" check --offline "$place/authors/acme.conf"
}

# ---- users: a part of btnsd that needs no kernel, and the real btnsctl ----

# serve: policies as place() has them, with more for the tests
serve() {
    place
    local build=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}
    export BTNS_SOCKET_PATH=$place/socket
    ctl=$build/btnsctl
    chmod 755 "$place"
    mkdir "$place/state"
    cat >"$place/policy/10.conf" <<END
format = 1
program "house" {
  match = "*"
  rule "law" { at = connect remote = "10.0.0.1" action = protect mandatory = true reason = "the law" }
  rule "habit" { at = connect remote = { "10.0.0.1", "10.0.0.2" } action = protect }
}
END
    start
}

start() {
    rm -f "$place/ready" # of an earlier one
    "$UNIT/requests/policy_daemon" "$place/socket" "$place" >"$place/ready" 2>"$place/log" &
    daemon=$!
    until grep -q ready "$place/ready"; do
        kill -0 "$daemon" || { cat "$place/log"; return 1; }
        sleep 0.05
    done
}

stop() { kill "$daemon"; wait "$daemon"; }

teardown() {
    [[ -z ${daemon-} ]] || kill "$daemon" 2>/dev/null || true
    [[ -z ${place-} ]] || rm -rf "$place"
}

# as USER ARG...: btnsctl, by a number
as() {
    local uid=$1
    shift
    run setpriv --reuid="$uid" --regid="$uid" --clear-groups "$ctl" "$@"
    echo "as $uid: $*: $status: $output"
}

# mine ACTION [REMOTE [RULE]]: a user's policy, in a file that only root may read
mine() {
    printf 'format = 1\nprogram "mine" { match = "*"\n  rule "%s" { remote = "%s" action = %s } }\n' "${3-own}" "${2-10.0.0.0/24}" "$1" >"$place/mine.conf"
    chmod 644 "$place/mine.conf"
}

# decides UID REMOTE RULE: which rule wins there; "" for none
decides() {
    as 0 explain --user "$1" --json /bin/true "$2:80"
    [[ $(python3 -c 'import json, sys
print(" ".join(c["rule"] for c in json.load(sys.stdin)[0]["candidates"] if c["outcome"] == "wins"))' <<<"$output") == "$3" ]]
}

@test "a rule is about the protocols that it names: explain tells datagrams from connections" {
    serve
    sed -i 's/  rule "habit"/  rule "datagrams" { at = connect protocol = udp remote = "10.0.0.3" action = discard }\n  rule "each" { at = connect protocol = { udp, tcp } remote = "10.0.0.4" action = discard }\n&/' "$place/policy/10.conf"
    as 0 reload
    [[ $status -eq 0 ]]
    told() { as 0 explain --json /bin/true "$1" "$2:53"; [[ $output == *"\"protocol\":\"$1\",\"verdict\":\"$3\""* ]]; }
    told udp 10.0.0.3 denied
    told tcp 10.0.0.3 protected
    told udp 10.0.0.4 denied
    told tcp 10.0.0.4 denied
    told udp 10.0.0.2 clear # what says nothing of UDP is about TCP alone
    as 0 explain /bin/true sctp 10.0.0.3:53
    [[ $status -eq 2 && $output == *sctp* ]]
}

@test "a user's own rule stands above the administrator's default, for that user alone (O46, O49, O73)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 own
    [[ $output == *'"author":"user 4001"'* && $output != *'"user 0"'* ]]
    decides 4001 10.0.0.1 law
    decides 4002 10.0.0.2 habit
    decides 0 10.0.0.2 habit
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"+ mine/own (mine:3, user 4001): bypass"* && $output == *"the user's own rule decides: own (mine:3)"* ]]
    as 4002 explain -v /bin/true 10.0.0.2:80
    [[ $output != *mine* ]]
    as 4001 explain -v /bin/true 10.0.0.1:80
    [[ $output == *"+ house/law ("*", administrator, mandatory): protect"* && $output == *"a mandatory rule decides: law"* ]]
    # What is stronger than the law may stand in for it.
    mine discard 10.0.0.1
    as 4001 policy add "$place/mine.conf"
    decides 4001 10.0.0.1 own
    decides 4001 10.0.0.2 habit
    as 4001 policy remove mine
    decides 4001 10.0.0.1 law
}

@test "what a user stored outlives btnsd; files are root's, one for each policy; the audit log has it (O49, O59)" {
    serve
    mine bypass
    as 4001 policy add --name work "$place/mine.conf"
    as 4001 policy block house/habit
    [[ $status -eq 0 ]]
    [[ $(cd "$place/state" && find ./users -type f -printf '%M %u %p\n' | sort) == "-rw------- root ./users/4001/blocks
-rw------- root ./users/4001/work.conf" && $(stat -c %a "$place/state/users/4001") == 700 ]]
    stop
    start
    # The audit log has what changed, by whom, and the text's hash.
    [[ $(grep -c '"user-policy","change":"added","uid":4001,"by":4001,"name":"work","sha256":"'"$(sha256sum <"$place/mine.conf" | cut -c 1-64)" "$place/state/audit.jsonl") == 1 ]]
    grep -q '"rule-file","change":"added","file":".*10.conf","author":"administrator","sha256":"'"$(sha256sum <"$place/policy/10.conf" | cut -c 1-64)" "$place/state/audit.jsonl"
    decides 4001 10.0.0.2 own
    decides 4001 10.0.1.2 rest
    decides 4002 10.0.0.2 habit
    as 4001 policy remove work
    [[ $status -eq 0 && ! -e $place/state/users/4001/work.conf ]]
    decides 4001 10.0.0.2 rest
    stop
    start
    decides 4001 10.0.0.2 rest
}

@test "what is audited is in systemd's journal as well, where there is one (O59)" {
    serve
    stop
    # A /run of its own, with a journal that keeps what it is sent, and this test's place.
    cat >"$place/journal.py" <<'END'
import socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("/run/systemd/journal/socket")
s.settimeout(600)
print("listens", flush=True)
said = b""
while b"user-policy" not in said:
    said = s.recv(65536)
    print(said.decode(), flush=True)
END
    : >"$place/ready"
    unshare -m sh -ec '
        mount --make-rprivate /
        mount --bind "$1" /mnt
        mount -t tmpfs -o mode=755 none /run
        mkdir -p "$1" /run/systemd/journal
        mount --move /mnt "$1"
        python3 "$1/journal.py" >"$1/journal" 3>&- &
        until grep -q listens "$1/journal"; do sleep 0.1; done
        exec "$2" "$1/socket" "$1"' sh "$place" "$(realpath "$UNIT")/requests/policy_daemon" >"$place/ready" 2>"$place/log" &
    daemon=$!
    until grep -q ready "$place/ready"; do
        kill -0 "$daemon" || { cat "$place/log"; return 1; }
        sleep 0.05
    done
    mine bypass
    as 4001 policy add "$place/mine.conf"
    [[ $status -eq 0 ]]
    for ((i = 0; i < 1200; i++)); do ! grep -q user-policy "$place/journal" || break; sleep 0.1; done
    cat "$place/journal"
    grep -q '^SYSLOG_IDENTIFIER=btnsd-audit$' "$place/journal"
    # Line for line what is in the file.
    diff <(sed -n 's/^MESSAGE=//p' "$place/journal") <(tail -n "$(grep -c '^MESSAGE=' "$place/journal")" "$place/state/audit.jsonl")
    [[ $(grep -c '"event":"rule-file"' "$place/journal") -ge 1 ]]
}

@test "users block rules of others, or all, but no mandatory one; unknown is 3, denied is 4 (O70, O71, O72, O73)" {
    serve
    as 4001 policy block house/habit
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 rest
    decides 4002 10.0.0.2 habit
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"the user has blocked it"* ]]
    as 4001 policy unblock house/habit
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 habit
    as 4001 policy block house/habit
    as 4001 policy block house/law
    [[ $status -eq 4 && $output == *"denied by policy: rule house/law ("*") is mandatory: the law" && $output != *"policy: denied"* ]]
    as 4001 policy block house/lav
    [[ $status -eq 3 && $output == *"unknown: no rule is called house/lav"* ]]
    as 4001 policy block --all
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 ""
    decides 4001 10.0.0.1 law
    decides 4002 10.0.0.2 habit
    mine prefer
    as 4001 policy add "$place/mine.conf"
    decides 4001 10.0.0.2 own
    as 4001 policy unblock --all
    as 4001 policy remove mine
    decides 4001 10.0.0.2 habit
    as 4001 policy unblock house/habit
    [[ $status -eq 3 ]]
    as 4001 policy remove mine
    [[ $status -ne 0 ]]
    as 4001 policy block house/habit --all
    [[ $status -eq 2 ]]
}

# about FIELD...: of the JSON in $output, on standard output (`as` adds what else was printed)
about() { grep -v '^btnsctl: ' <<<"$output" | python3 -c 'import json, sys
v = json.load(sys.stdin)
v = v[0] if isinstance(v, list) else v
print(*[v[k] for k in sys.argv[1:]])' "$@"; }

@test "answers name requestor, request and service; unknown and denied are two things (O65, O66, O72, O83)" {
    serve
    mine protect
    sed -i '2i profile "quick@2" { timeout = 2 }' "$place/mine.conf"
    sed -i 's/action = protect/& profile = quick/' "$place/mine.conf"
    as 4001 policy add --json "$place/mine.conf"
    [[ $status -eq 0 && $(about requestor request service outcome error) == "4001 policy add mine done None" ]]
    as 4001 explain --json /bin/true 10.0.0.2:80
    [[ $(about requestor request service outcome) == "4001 explain quick@2 done" ]]
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"explain of quick@2 for user 4001: done" ]]
    as 4002 explain --json /bin/true 10.0.0.2:80
    [[ $(about requestor request service outcome) == "4002 explain default done" ]]
    mine discard
    as 4001 policy add "$place/mine.conf"
    as 4001 explain --json /bin/true 10.0.0.2:80
    [[ $(about requestor request service outcome error verdict) == "4001 explain None denied EACCES denied" ]]
    as 4001 policy block --json house/law
    [[ $status -eq 4 && $(about requestor request service outcome error) == "4001 policy block house/law denied EPERM" ]]
    as 4001 policy block house/law
    [[ $status -eq 4 && $output == "btnsctl: policy block of house/law for user 4001: denied by policy: "* ]]
    as 4001 policy block --json house/none
    [[ $status -eq 3 && $(about service outcome error) == "house/none unknown ENOENT" ]]
    as 4001 policy remove --json none
    [[ $status -eq 3 && $(about requestor request service outcome error) == "4001 policy remove none unknown ENOENT" ]]
    as 4001 policy remove none
    [[ $status -eq 3 && $output == "btnsctl: policy remove of none for user 4001: service unknown: "* ]]
    as 4002 policy remove --json --user 4001 mine
    [[ $status -eq 4 && $(about requestor service outcome) == "4002 mine denied" ]]
    printf 'nonsense' >"$place/mine.conf"
    as 4001 policy add --json "$place/mine.conf"
    [[ $status -eq 1 && $(about requestor service outcome error) == "4001 mine failed EINVAL" ]]
}

@test "a profile says whose it is and what for, where it is shown (O46, O69, O91)" {
    serve
    mine protect
    sed -i '2i profile "quick" { vendor = "Acme of Ghent" description = "for the impatient" }' "$place/mine.conf"
    sed -i 's/action = protect/& profile = quick/' "$place/mine.conf"
    as 4001 policy add "$place/mine.conf"
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"+ mine/own ("*"      for: for the impatient"*"      by: Acme of Ghent"* ]]
    as 4001 explain --json /bin/true 10.0.0.2:80
    [[ $output == *'"vendor":"Acme of Ghent","description":"for the impatient"'* ]]
    as 4001 policy list
    [[ $output == *"service"*"quick"*"for the impatient (Acme of Ghent)"* ]]
    as 4001 policy list --json
    [[ $(python3 -c 'import json, sys
for i in json.load(sys.stdin): print(i["kind"], i["name"], i["vendor"], i["description"])' <<<"$output") == "policy mine None None
service quick Acme of Ghent for the impatient" ]]
    as 4002 policy list
    [[ $output != *quick* ]]
}

@test "a user's groups all count when asked about, or the answer is refused (O50)" {
    serve
    sed -i 's/  rule "law"/  rule "crowd" { group = 70400 remote = "10.0.0.3" action = discard }\n&/' "$place/policy/10.conf"
    as 0 reload
    in_groups() { # in_groups N: nobody is in so many groups, the last is 70000 + N
        { cat /etc/group; for ((i = 1; i <= $1; i++)); do echo "many$i:x:$((70000 + i)):nobody"; done; } >"$place/groups"
        run unshare -m sh -c 'mount --bind "$1" /etc/group && exec "$2" explain -v --user nobody /bin/true 10.0.0.3:80' sh "$place/groups" "$ctl"
        echo "$1 groups: $status: $output"
    }
    in_groups 399
    [[ $status -eq 0 && $output == *"- house/crowd"* ]]
    in_groups 400
    [[ $status -eq 0 && $output == *"+ house/crowd"* ]]
    in_groups 1500
    [[ $status -eq 1 && $output == *"--user: nobody is in more than 1024 groups: more cannot be asked about" ]]
}

# submits UID COUNT [HANDLE]: as btns-run --policy does, so often; prints the last handle. With HANDLE: is it still known?
submits() {
    setpriv --reuid="$1" --regid="$1" --clear-groups /usr/bin/python3 - "$place/socket" "${@:2}" <<'END'
import socket, struct, sys
path, count, handle = sys.argv[1], int(sys.argv[2]), int((sys.argv[3:] or ["0"])[0])
def ask(kind, body):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.connect(path)
    s.send(struct.pack("=HHI", 1, kind, 7) + body)
    return s.recv(65536)
text = b'format = 1 program "p" { match = "*" rule "r" { action = discard } }'
for _ in range(count):
    error, _, handle = struct.unpack("=IIQ", ask(7, text)[8:24])
    if error: sys.exit(f"error {error}")
if count: print(handle)
else:
    address = struct.pack("=HHI16s", 2, 80, 0, bytes([10, 0, 0, 2]) + bytes(12))
    verdict = ask(6, struct.pack("=IIQ", 0, 6, handle) + address + b"/bin/true".ljust(1024, b"\0"))
    print(struct.unpack("=II", verdict[8:16])[1])
END
}

@test "a user who submits policies without end takes no room from others (O49)" {
    serve
    kept=$(submits 4002 1)
    [[ -n $kept && $(submits 4002 0 "$kept") == 13 ]]
    own=$(submits 4001 1)
    submits 4001 300 >/dev/null
    echo "4002's: $(submits 4002 0 "$kept"), 4001's first: $(submits 4001 0 "$own")"
    [[ $(submits 4002 0 "$kept") == 13 && $(submits 4001 0 "$own") == 2 ]]
    # Nor is it of use to anybody else.
    [[ $(submits 4001 0 "$kept") == 2 ]]
}

@test "a user's policies are bounded in what they cost to compile, and others' are not (O49)" {
    serve
    many() { # many N TEXT: so often, with %d counted
        printf 'format = 1\n%s\nprogram "many" { match = "*"\n%s\n}\n' "${3-}" "$(for ((i = 1; i <= $1; i++)); do printf "$2\n" "$i" "$i"; done)" >"$place/many.conf"
        chmod 644 "$place/many.conf"
    }
    many 512 'rule r%d { port = %d action = bypass }'
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 0 ]]
    many 513 'rule r%d { port = %d action = bypass }'
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 1 && $output == *"a user's policies can have 512 rules together"* ]]
    cp "$place/many.conf" "$place/policy/60-many.conf"
    as 0 reload
    [[ $status -eq 0 ]]
    many 1 'rule r%d { port = %d action = bypass }' "$(printf 'profile q%d { } ' {1..65})"
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 1 && $output == *"a user's policies can have 64 profiles together"* ]]
    many 5 'rule r%d { port = %d remote = "@g" action = bypass }' "group g { hosts = { $(printf '"10.1.%d.1", ' {1..250} {1..250} {1..250} {1..100} | sed 's/, $//') } }"
    as 4001 policy add "$place/many.conf"
    [[ $status -eq 1 && $output == *"many:8: all groups in use come to more than 4096 values"* ]]
    decides 4001 10.0.0.2 r80
}

@test "changes without end are put off, and nobody else's are (O49)" {
    serve
    run setpriv --reuid=4001 --regid=4001 --clear-groups bash -c 'for ((i = 0; i < 400; i++)); do "$1" policy block --all || exit; done' sh "$ctl"
    echo "$output"
    [[ $status -eq 1 && $output == *"policy block for user 4001: failed: too many changes of this user's: wait a little" ]]
    as 4002 policy block --all
    [[ $status -eq 0 ]]
    # It passes.
    until setpriv --reuid=4001 --regid=4001 --clear-groups "$ctl" policy unblock --all; do sleep 0.2; done
}

@test "blocks are names: they hold for the rules of the next generation (O36, O71)" {
    serve
    as 4001 policy block house/habit
    sed -i 's/^  rule "law"/  rule "new" { remote = "10.9.0.0\/16" action = bypass }\n&/' "$place/policy/10.conf"
    as 0 reload
    [[ $status -eq 0 ]]
    decides 4001 10.9.0.1 new
    decides 4001 10.0.0.2 rest
    sed -i 's/"habit" {/& mandatory = true reason = "now it is"/' "$place/policy/10.conf"
    as 0 reload
    decides 4001 10.0.0.2 habit
}

@test "of a user is kept what the manual page says, and where; the audit log has no word of a policy (O88)" {
    serve
    local page=$BATS_TEST_DIRNAME/../../btnsd/btnsd.8 file
    mine discard
    sed -i '2i profile "quick" { description = "private-4711" }' "$place/mine.conf"
    sed -i 's/action = discard/action = protect profile = quick/' "$place/mine.conf"
    as 4001 policy add "$place/mine.conf"
    as 4001 policy block house/habit
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $status -eq 0 ]]
    [[ $(grep -rl private-4711 "$place/state") == "$place/state/users/4001/mine.conf" ]]
    # Every file that tells of the user, by the name that the page has for it.
    for file in $(cd "$place/state" && grep -rl . . | sed 's/4001/UID/; s,^\./,,; s,^users/UID/.*,users/UID,'); do
        sed -n '/^\.SH PRIVACY/,/^\.SH FILES/p' "$page" | sed 's/\\://g' | grep -q "/btns/$file\( \|$\)" || { echo "$file is not in the page"; return 1; }
    done
    as 4002 policy list --json
    [[ $output != *4001* && $output != *4711* ]]
}

@test "nobody sees or changes another user's; root may (O49, O50, O52, O61, O74, O77, O89)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    as 4001 policy block --all
    as 4002 policy list
    [[ $status -eq 0 && $output != *mine* ]]
    as 4002 policy list --user 4001
    [[ $status -eq 4 && $output == *"only root may see other users' policies" ]]
    as 4002 policy remove --user 4001 mine
    [[ $status -eq 4 && $output == *"only root may change another user's policies" ]]
    as 4002 policy unblock --all --user 4001
    [[ $status -eq 4 ]]
    as 4002 policy remove mine
    [[ $status -eq 3 ]]
    as 4002 reload
    [[ $status -ne 0 && $output == *"only root may do this" ]]
    as 4002 explain -v --user 4001 /bin/true 10.0.0.2:80
    [[ $status -eq 4 && $output == *"only root may ask about another user's processes"* ]]
    local command nobodys_key=ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=
    for command in reload 'forget 10.0.0.1' "nolatch $nobodys_key on" "peers add $nobodys_key 10.0.0.1"; do
        # shellcheck disable=SC2086 # words
        as 4002 $command
        [[ $status -eq 4 && $output == 'btnsctl: only root may do this' ]] || { echo "$command: $status: $output"; return 1; }
    done
    decides 4001 10.0.0.2 own
    as 4001 policy list --json
    [[ $(python3 -c 'import json, sys
for i in json.load(sys.stdin): print(i["uid"], i["kind"], i["name"], i["rules"], len(i["sha256"] or ""))' <<<"$output") == "4001 policy mine 1 64
4001 blocks all * None 0" ]]
    [[ $output == *$(sha256sum <"$place/mine.conf" | cut -c 1-64)* ]]
    as 0 policy list
    [[ $output == *4001*mine* ]]
    as 0 policy list --mine
    [[ $output != *mine* ]]
    as 0 policy remove --user 4001 mine
    [[ $status -eq 0 ]]
    as 0 policy unblock --all --user 4001
    decides 4001 10.0.0.2 habit
}

@test "a service's account is a user: rules for it, and its own, say who may call its programs (O54, O48)" {
    serve
    sed -i 's/^  rule "law"/  rule "daemon" { at = accept port = 8100 user = 4001 action = discard }\n&/' "$place/policy/10.conf"
    as 0 reload
    listening() { # listening UID RULE...: who decides about callers, first one first
        as 0 explain --user "$1" --accept --json /bin/true tcp 0.0.0.0:8100
        [[ $(python3 -c 'import json, sys
print(" ".join(c["rule"] for c in json.load(sys.stdin)[0]["candidates"] if c["outcome"] == "wins"))' <<<"$output") == "$2" ]]
    }
    listening 4001 daemon
    listening 4002 rest
    printf 'format = 1\nprogram "mine" { match = "*"  rule "guests" { at = accept port = 8100 action = prefer } }\n' >"$place/mine.conf"
    chmod 644 "$place/mine.conf"
    as 4002 policy add "$place/mine.conf"
    [[ $status -eq 0 ]]
    listening 4002 guests
    listening 4001 daemon
}

@test "what a user may not say is refused with line and reason, and changes nothing (O6, O32)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    try() { printf '%b' "$1" >"$place/bad.conf"; as 4001 policy add "$place/bad.conf"; [[ $status -eq 1 && $output == *"$2"* ]]; }
    try 'format = 1\nprogram "p" {' 'bad:'
    try 'format = 1\nprogram "p" { match = "*"\nrule "r" { action = bypass mandatory = true reason = "me" } }\n' 'bad:3: mandatory is not for users'
    try 'format = 1\npackage "bad" { version = 1 sequence = 1 }\n' "bad:2: package is not for users' policies"
    try 'format = 1\nauthor "bad" { programs = "*" }\n' "bad:2: author is not for users' policies"
    try 'format = 1\n\0' 'bad: holds a NUL octet'
    head -c 70000 /dev/zero >"$place/bad.conf"
    as 4001 policy add "$place/bad.conf"
    [[ $status -eq 1 && $output == *larger* ]]
    as 4001 policy add --name '../../x' "$place/mine.conf"
    [[ $status -eq 1 ]]
    as 4001 policy add --name '.x' "$place/mine.conf"
    [[ $status -eq 1 ]]
    as 4001 policy remove '../4001/mine'
    [[ $status -eq 1 ]]
    decides 4001 10.0.0.2 own
    [[ $(ls -A "$place/state/users/4001") == mine.conf ]]
}

@test "number and size of a user's policies are bounded (O49)" {
    serve
    local i
    mine bypass
    for i in {1..16}; do
        as 4001 policy add --name "p$i" "$place/mine.conf"
        [[ $status -eq 0 ]]
    done
    as 4001 policy add --name p17 "$place/mine.conf"
    [[ $status -eq 1 && $output == *"as many as a user may (limit policies)"* ]]
    as 4001 policy add --name p16 "$place/mine.conf"
    [[ $status -eq 0 ]]
    { cat "$place/mine.conf"; yes '# filler' | head -c 65000; echo; } >"$place/large.conf"
    for i in {1..4}; do as 4002 policy add --name "p$i" "$place/large.conf"; done
    [[ $status -eq 1 && $output == *"262144 octets together" ]] || {
        as 4002 policy add --name p5 "$place/large.conf"
        [[ $status -eq 1 && $output == *"262144 octets together" ]]
    }
}

@test "stored files that cannot be used allow that user nothing, and nobody else notices (O34)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    as 4002 policy add "$place/mine.conf"
    stop
    echo 'what is this' >>"$place/state/users/4001/mine.conf"
    start
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $status -eq 3 && $output == *"your stored policies cannot be used"* ]]
    decides 4002 10.0.0.2 own
    as 4001 policy list
    [[ $output == *"cannot be used"*mine:* ]]
    as 4001 policy add --name other "$place/mine.conf"
    [[ $status -eq 1 && $output == *"remove what cannot be used first"* ]]
    as 4001 policy remove mine
    [[ $status -eq 0 ]]
    decides 4001 10.0.0.2 habit
}

@test "stored policies are read when a program of their user first asks, and that waits for it (O34)" {
    serve
    mine bypass
    as 4001 policy add "$place/mine.conf"
    as 4002 policy add "$place/mine.conf"
    stop
    echo 'what is this' >>"$place/state/users/4001/mine.conf"
    start
    decides 4002 10.0.0.2 own
    [[ $(<"$place/log") != *"user 4001's stored policies cannot be used"* ]]
    as 4001 explain -v /bin/true 10.0.0.2:80
    [[ $output == *"your stored policies cannot be used"* ]]
    [[ $(<"$place/log") == *"user 4001's stored policies cannot be used"* ]]
    stop
    start
    as 0 policy list --user 4002
    [[ $status -eq 0 && $output == *mine* && $output != *"not read yet"* ]]
}

# refused FILE REASON: the reload fails with that, and what was in force still is, for everybody.
refused() {
    as 0 reload
    [[ $status -eq 1 && ${output//$place\//} == "btnsctl: $1: $2"* ]] || { echo "wanted: $1: $2"; return 1; }
    decides 4001 10.0.0.2 habit
    decides 4002 10.0.0.1 law
    decides 4001 10.1.0.2 rest
    [[ $(grep -c 'rules in force (generation' "$place/log") -eq $generations ]]
}

@test "whatever is refused, the generation before stays in force, and file, line and reason are told (O4, O34)" {
    serve
    package 3
    sign
    as 0 reload
    [[ $status -eq 0 ]]
    generations=$(grep -c 'rules in force (generation' "$place/log")
    [[ $generations -ge 2 ]]
    # In the directory of policies: what is no file, nobody's to believe, or no policy.
    local bad=$place/policy/50.conf name=policy/50.conf good='program "x" { match = "*"\n rule "x" { action = discard } }\n'
    bad() { rm -rf "$bad"; printf "$1" >"$bad"; chmod 644 "$bad"; }
    ln -s 10.conf "$bad"
    refused $name "is a symbolic link, not a regular file"
    rm "$bad"; mkdir "$bad"
    refused $name "is a directory, not a regular file"
    rmdir "$bad"; mkfifo "$bad"
    refused $name "is a FIFO, not a regular file"
    rm "$bad"; mknod "$bad" c 1 5
    refused $name "is a device, not a regular file"
    bad "format = 1\n$good"; chown 4001 "$bad"
    refused $name "belongs to user 4001, not to root"
    bad "format = 1\n$good"; chmod 646 "$bad"
    refused $name "can be written by group or others"
    bad "format = 1\n$good"; truncate -s 100M "$bad"
    refused $name "larger than 65536 octets"
    bad "format = 1\n\\0$good"
    refused $name "holds a NUL octet"
    bad "format = 1\n${good%\}*}"
    refused $name:2 "this program is never closed"
    bad "format = 1\n/* $good"
    refused $name:2 "this comment is never closed"
    bad 'format = 1\nprogram "x" { match = "*" colour = red }\n'
    refused $name:2 '"colour" is not known in a program'
    bad 'format = 1\nprogram "x" { match = "*"\n rule "x" { action = discard\n action = bypass } }\n'
    refused $name:4 '"action" is already given on line 3'
    bad "format = 1\n$good$good"
    refused $name:4 'program "x" is already there on line 2'
    bad 'format = 1\nprogram "x" { match = "*"\n rule "x" { remote = "10.0.0.2" action = discard } }\n'
    mv "$bad" "$place/policy/10-x.conf"
    refused policy/10.conf:5 'rule "habit" (protect) conflicts with "x" (discard) at'
    rm "$place/policy/10-x.conf"
    # Beside them, packages.
    name=packages/acme-tool.conf
    package 4
    rm "$place/$name.sig"
    refused $name "has no signature beside it"
    sign other
    refused $name "its signature is none of an author's"
    package 2
    sign
    refused $name:2 'package "acme-tool" is rolled back'
    package 4 /usr/bin/curl
    sign
    refused $name:3 'program "tool": "/usr/bin/curl" is outside'
    package 4
    sign
    as 0 reload
    [[ $status -eq 0 && $(grep -c 'rules in force (generation' "$place/log") -eq $((generations + 1)) ]]
}

# Two generations that differ in five coupled fields, and clients that ask all the time.
@test "1,000 reloads under load: no decision is from half a generation (O34, O36)" {
    serve
    cat >"$BATS_TEST_TMPDIR/load.py" <<'END'
import os, re, socket, struct, sys, threading
place = sys.argv[1]
RELOAD, EXPLAIN = 11, 6
def text(name, suite, identity, seconds, action):
    return f"""format = 1
profile "{name}" {{ suites = {suite} identity = {identity} timeout = {seconds} }}
program "{name}" {{ match = "*" rule "{name}" {{ remote = "198.51.100.0/24" action = {action} profile = "{name}" }} }}
"""
texts = [text("A", "aes256gcm16", "any-key", 7, "protect"), text("B", "aes128gcm16", "known-key", 8, "prefer")]
whole = [r'is protected, or fails, by rule "A" .*profile "A": esp transport aes256gcm16, identity any-key',
         r'is protected where that can be had, by rule "B" .*profile "B": esp transport aes128gcm16, identity known-key']
def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(300)
    s.connect(place + "/socket")
    return s
def ask(s, kind, rest, n):
    s.send(struct.pack("=HHI", 1, kind, n) + rest)
    return s.recv(4096)
address = struct.pack("=HH", socket.AF_INET, 80) + bytes(4) + bytes([198, 51, 100, 9]) + bytes(12)
over, seen, bad = threading.Event(), [0, 0], []
def load():
    s, n = connect(), 0
    while not over.is_set():
        n += 1
        r = ask(s, EXPLAIN, struct.pack("=IIQ", 0, 6, 0) + address + b"/usr/bin/p".ljust(1024, b"\0"), n)
        said = r[40:].split(b"\0")[0].decode()
        for i in 0, 1:
            if re.search(whole[i], said):
                seen[i] += 1
                break
        else:
            bad.append(said)
            return
def put(i):
    with open(place + "/policy/.new", "w") as f: f.write(texts[i])
    os.chmod(place + "/policy/.new", 0o644)
    os.rename(place + "/policy/.new", place + "/policy/05.conf")
s = connect()
put(0)
ask(s, RELOAD, b"", 1)
threads = [threading.Thread(target=load) for i in range(3)]
for t in threads: t.start()
for i in range(1000):
    put((i + 1) % 2)
    r = ask(s, RELOAD, b"", i + 2)
    if struct.unpack_from("=HHII", r)[3]: bad.append(r[16:].split(b"\0")[0].decode())
over.set()
for t in threads: t.join()
print(seen, bad[:3])
sys.exit(bool(bad) or min(seen) < 100)
END
    run timeout 600 python3 "$BATS_TEST_TMPDIR/load.py" "$place"
    echo "$output"
    [[ $status -eq 0 ]]
    grep -q 'generation 1002' "$place/log"
}

@test "btnsctl policy sign makes what btnsd believes, and no package that it would refuse" {
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
