#!/usr/bin/env bats
# btnsctl explain, reload and forget.
bats_require_minimum_version 1.5.0

load common

# ---- explain

@test "explain: asks about the executable's real path, and prints the verdict and the reason" {
    start_mock
    ln -sf /bin/ls "$dir/link"
    run -0 ctl explain "$dir/link" 10.0.0.1:80
    [ "${lines[0]}" = "$(realpath /bin/ls) connecting to 10.0.0.1:80: protected" ]
    [ "${lines[1]}" = '  rule "web" (a.conf:3)' ]
    [ "$(tail -n 1 "$asked")" = "CANDIDATES version=1 len=6200 program=$(realpath /bin/ls) flags=0 policy=0 remote=10.0.0.1:80 protocol=6 uid=4294967295" ]
    PATH=$dir:$PATH run -0 ctl explain link '[fd77::2]:443' --accept
    [[ $(tail -n 1 "$asked") == *"program=$(realpath /bin/ls) flags=16 policy=0 remote=[fd77::2]:443 protocol=6 uid=4294967295" ]]
}

@test "explain: a refusal names its errno; every line of the reason is shown" {
    start_mock
    run -0 ctl explain /bin/ls 10.0.0.1:81
    [[ ${#lines[@]} -le 5 && $output != *'- curl/loop'* ]]
    [[ ${lines[1]} == '  rule "no" (a.conf:9): discard' && ${lines[3]} == '  + curl/web (/p/50-curl.conf:20, administrator): protect, '* ]]
    [ "${lines[4]}" = '  and 4 rules that do not decide: -v says why' ]
    run -0 ctl explain --verbose /bin/ls 10.0.0.1:81
    [[ ${lines[0]} == *": denied: EACCES" ]]
    [ "${lines[1]}" = '  rule "no" (a.conf:9): discard' ]
    [ "${lines[2]}" = '  rule "web" (a.conf:3): other port' ]
    run -0 ctl explain /bin/ls 10.0.0.1:81 --json --accept
    [ "$(json '[v[0][k] for k in ("at", "address", "port", "verdict", "error")]' <<<"$output")" = \
        "['accept', '10.0.0.1', 81, 'denied', 'EACCES']" ]
}

@test "explain: every candidate with its author, place and profile, and why it lost (O46, O50, O79)" {
    start_mock
    run -0 ctl explain -v /bin/ls tcp 10.0.0.1:80
    want=$(cat <<END
$(realpath /bin/ls) connecting to 10.0.0.1:80: protected
  rule "web" (a.conf:3)
  + curl/web (/p/50-curl.conf:20, administrator): protect, profile "default": esp transport aes256gcm16, identity known-key, timeout 10 s, lifetime 90 s
      for: the web\x1b[2J
      by: Acme
      wins
  - curl/loop\x1b[2J (/p/50-curl.conf:13, administrator): bypass
      the remote address is inside none of its prefixes
    and 3 more rules that do not decide
  explain of quick for user 1000: done
END
    )
    diff <(echo "$want") <(echo "$output")
    run -0 ctl explain /bin/ls tcp 10.0.0.1:80 --json
    [ "$(json '(v[0]["protocol"], v[0]["rules_concerned"], [c["outcome"] for c in v[0]["candidates"]])' <<<"$output")" = \
        "('tcp', 5, ['wins', 'loses'])" ]
    [ "$(json 'v[0]["candidates"][0]' <<<"$output")" = "{'outcome': 'wins', 'why': 'wins', 'program': 'curl', 'rule': 'web', 'author': 'administrator', 'rank': 'default', 'file': '/p/50-curl.conf', 'line': 20, 'action': 'protect', 'profile': 'default', 'mode': 'transport', 'suite': 'aes256gcm16', 'identity': 'known-key', 'timeout': 10, 'lifetime': 90, 'vendor': 'Acme', 'description': 'the web\\x1b[2J'}" ]
    [ "$(json '[v[0][k] for k in ("requestor", "request", "service", "outcome")]' <<<"$output")" = "[1000, 'explain', 'quick', 'done']" ]
    [ "$(json '[v[0]["candidates"][1][k] for k in ("profile", "suite", "identity", "timeout")]' <<<"$output")" = "[None, None, None, None]" ]
}

@test "an answer about another request is refused (O83)" {
    start_mock scene=other-request
    run -1 ctl reload
    [[ $output == *"gave an answer that is no answer (to another question)"* ]]
}

@test "explain: protocol and user are asked about" {
    start_mock
    run -0 ctl explain /bin/ls udp 10.0.0.1:53 --user root
    [[ $(tail -n 1 "$asked") == "CANDIDATES "*" protocol=17 uid=0" ]]
    run -0 ctl explain --user 65534 /bin/ls 10.0.0.1:80
    [[ $(tail -n 1 "$asked") == *" protocol=6 uid=65534" ]]
}

@test "explain: candidates without a verdict are refused" {
    start_mock scene=no-verdict
    for form in '' --json; do
        # shellcheck disable=SC2086
        run --separate-stderr -1 ctl explain /bin/ls 10.0.0.1:80 $form
        [[ -z $output && $stderr == *"of the wrong type"* ]]
    done
}

@test "explain: names are looked up; a name that does not exist is exit 1" {
    start_mock
    run -0 ctl explain ls localhost:http
    [[ $output == *"127.0.0.1:80: protected"* ]]
    run -1 ctl explain ls nosuchhost.invalid:80
    [[ $output == *"'nosuchhost.invalid:80'"* ]]
    run -1 ctl explain no-such-program 10.0.0.1:80
    [[ $output == *"no-such-program: no such program in PATH"* ]]
}

# ---- reload, forget

@test "forget: by address, by key, canonical spelling only" {
    start_mock
    run -0 ctl forget fd77::66
    [ -z "$output" ]
    [ "$(tail -n 1 "$asked")" = "FORGET version=1 len=64 addr=fd77::66 key=$(printf '00%.0s' {1..32})" ]
    run -0 ctl forget ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=
    [ "$(tail -n 1 "$asked")" = "FORGET version=1 len=64 addr=- key=$(printf '22%.0s' {1..32})" ]
    run -2 ctl forget ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiJ=
}

@test "reload" {
    start_mock
    run -0 ctl reload
    [ -z "$output" ]
    [ "$(tail -n 1 "$asked")" = "RELOAD version=1 len=8" ]
}

@test "a request that btnsd denies is exit 4, with btnsd's message" {
    start_mock scene=refusing
    for command in reload 'forget 10.0.0.1' status latches 'explain ls 10.0.0.1:80'; do
        # shellcheck disable=SC2086
        run --separate-stderr ctl $command
        [ "$status" -eq 4 ]
        [ "$stderr" = "btnsctl: only root may do that" ]
    done
}
