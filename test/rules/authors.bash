# Loaded by the tests of authors, users and reloads: policies that root owns, signed packages, and a part of btnsd that
# needs no kernel, with the real btnsctl.

setup_file() {
    export UNIT=${BTNS_BUILD:-$BATS_TEST_DIRNAME/../../build}/unit
}

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

# public KEY: prints it in the form of authors.d
public() { echo "ed25519:$(openssl pkey -in "$place/$1" -pubout -outform DER | tail -c 32 | base64)"; }

# package SEQUENCE [PROGRAM [RULE]]: unsigned
package() {
    printf 'format = 1\npackage "acme-tool" { version = "1.%s"  sequence = %s }\nprogram "tool" {\n  match = { "%s" }\n  rule "r" { %s }\n}\n' \
        "$1" "$1" "${2-/opt/acme/tool}" "${3-remote = \"10.1.0.0/16\" action = prefer}" >"$place/packages/acme-tool.conf"
}

sign() {
    openssl pkeyutl -sign -rawin -inkey "$place/${1-key}" -in "$place/packages/${2-acme-tool}.conf" -out "$place/packages/${2-acme-tool}.conf.sig"
}

# serve: starts policy_daemon on the policies of place(), with more for the tests
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
    rm -f "$place/ready" # of an earlier btnsd
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

# as UID ARG...: runs btnsctl as that user
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
