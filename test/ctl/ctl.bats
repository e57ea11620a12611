#!/usr/bin/env bats
# btnsctl: options, abbreviations, completion and help; errors in its command line.
bats_require_minimum_version 1.5.0

load common

# ---- lists that must agree

@test "--help, manual page and completion name the same options" {
    of_help=$("$build/btnsctl" --help | long_options)
    same_words "$of_help" "$(long_options <"$BATS_TEST_DIRNAME/../../btnsd/ctl/btnsctl.8" |
        tr ' ' '\n' | grep -vx -e --prefer | xargs)"
    same_words "$of_help" "$(grep 'local options=' "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.bash" | long_options)"
    same_words "$of_help" "$(sed -nE 's/^complete.* -l ([a-z-]+).*/--\1/p' "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.fish" | long_options)"
    same_words "$of_help" "$(sed -n "s/^        ['\"]\(--[a-z-]*\).*/\1/p" "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.zsh" | long_options) --help"
    [ "$(wc -w <<<"$of_help")" -ge 16 ]
}

@test "--help, manual page and completion name the same commands" {
    of_help=$("$build/btnsctl" help | sed -n '/^Commands/,/^$/s/^  \([a-z]\+\) .*/\1/p' | xargs)
    of_page=$(sed -n '/^.SH COMMANDS/,/^.SH OPTIONS/p' "$BATS_TEST_DIRNAME/../../btnsd/ctl/btnsctl.8" |
        sed -n 's/^\.BI\? \([a-z]*\)\(\\ .*\)\?$/\1/p' | grep -vxE 'protected|unprotected|clear|denied' | xargs)
    of_completion=$(sed -n "s/.*local commands='\(.*\)'/\1/p" "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.bash")
    [ "$(wc -w <<<"$of_help")" -ge 9 ]
    same_words "$of_help" "$of_completion"
    same_words "$of_help" "$(sed -n 's/^complete.*\$without -a \([a-z]*\) .*/\1/p' "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.fish" | xargs)"
    same_words "$of_help" "$(sed -nE "s/^        ['\"]([a-z]+):.*/\1/p" "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.zsh" | xargs)"
    same_words "$of_help" "$of_page"
}

@test "the options that completion offers for a command are those of its --help" {
    . "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.bash"
    for command in $("$build/btnsctl" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]\+\) .*/\1/p'); do
        COMP_WORDS=(btnsctl "$command" --) COMP_CWORD=2
        _btnsctl
        echo "$command"
        [[ $command == help ]] || same_words "$("$build/btnsctl" "$command" --help | long_options)" "${COMPREPLY[*]}"
    done
}

@test "completion offers commands, options and known peers" {
    start_mock
    export BTNS_SOCKET_PATH=$socket PATH=$build:$PATH
    . "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.bash"
    complete_words() {
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _btnsctl
        echo "${COMPREPLY[*]}"
    }
    [ "$(complete_words btnsctl la)" = latches ]
    [ "$(complete_words btnsctl status --js)" = --json ]
    [ "$(complete_words btnsctl --socket x re)" = reload ]
    [ "$(complete_words btnsctl forget 10)" = 10.77.0.2 ]
    [ -z "$(complete_words btnsctl status la)" ]
    [ "$(complete_words btnsctl latches --state lar)" = larval ]
    [ "$(complete_words btnsctl latches --peer 10)" = 10.77.0.2 ]
    [ "$(complete_words btnsctl forget b)" = bob ]
    [ "$(complete_words btnsctl latches --peer b)" = bob ]
    # The file of a peer from peers.d stands below it, and is no peer.
    btnsctl() { printf 'KEY ADDRESS NAME\ned25519:A 10.0.0.1 - pinned\n  in /etc/btns/peers.d/a:1\n'; }
    timeout() { "${@:2}"; }
    [ "$(complete_words btnsctl forget '')" = 'ed25519:A 10.0.0.1' ]
    # Rules have the names that their files give them.
    btnsctl() { printf 'program web {\n  rule "intra net" {\n  }\n  rule dmz {\n'; }
    timeout() { "${@:2}"; }
    [ "$(complete_words btnsctl verify web/d)" = web/dmz ]
    [ "$(complete_words btnsctl policy block web/dm)" = web/dmz ]
    unset -f btnsctl timeout
    # A silent btnsd does not delay the shell.
    grep -q 'timeout 1 btnsctl' "$BATS_TEST_DIRNAME/../../scripts/completions/btnsctl.bash"
    [ -z "$(grep -hE '^[^#]*\$\(btnsctl |^ +btnsctl ' "$BATS_TEST_DIRNAME"/../../scripts/completions/btnsctl.*)" ]
}

# ---- usage

@test "wrong usage is exit 2, quotes what is wrong, and asks nobody" {
    start_mock
    for line in 'frobnicate' 'status now' 'explain curl' 'forget' 'forget a b' '--wrong status' \
        '-x' 'reload --all' 'status --accept' 'p' 'policy x' 're x' '--json=1 status' '--socket' \
        'explain ls nowhere' 'explain ls [::1' 'explain ls ::1:80' 'explain ls 10.0.0.1:' \
        'explain ls :80' 'explain ls 10.0.0.1:0' 'explain ls 10.0.0.1:x9' 'forget 10.0.0' \
        'forget ed25519:IiIi' 'explain ls sctp 10.0.0.1:80' 'explain ls tcp udp 10.0.0.1:80' \
        'explain ls tcp' 'explain --user no-such-user ls 10.0.0.1:80' 'latches --cgroup /'; do
        # shellcheck disable=SC2086
        run --separate-stderr ctl $line
        echo "'$line': $status: $stderr"
        [ "$status" -eq 2 ]
        [ -z "$output" ]
        [[ $stderr == "btnsctl: "* ]]
    done
    [ ! -s "$asked" ]
    run ctl frobnicate
    [[ $output == *"no such command: frobnicate"* ]]
}

# says LINE TEXT: the command line is wrong usage, with this message.
says() {
    # shellcheck disable=SC2086 # words
    run -2 --separate-stderr ctl $1
    [ "${stderr_lines[0]}" = "btnsctl: $2" ] || { echo "$1: $stderr"; return 1; }
}

@test "a misspelt word gets a suggestion; an ambiguous one gets the list of words that it could be" {
    start_mock
    says statsu 'no such command: statsu; did you mean status?'
    says p 'p could be peers, policy'
    says 'policy blok x' 'no such command: policy blok; did you mean policy block?'
    says 'policy xyzzy' 'no such command: policy xyzzy; there are: policy add, policy remove, policy block, policy unblock, policy list, policy sign, policy show'
    says 'status --jsn' 'no such option: --jsn; did you mean --json?'
    says 'status --frobnicate=1' 'no such option: --frobnicate; there are: --socket, --json, --check, --version, --help'
    says '--ver' '--ver could be --verbose, --version'
    says 'status --mone' 'no such option: --mone; there are: --socket, --json, --check, --version, --help'
    says '--mone policy list' 'no such option: --mone; did you mean --mine?'
    says 'latches --p' '--p could be --program, --pid, --peer, --port'
    [ ! -s "$asked" ]
}

@test "an abbreviation that is unique is the word; -j is --json, and no command is status" {
    start_mock
    run -0 ctl la -j
    [ "$(json 'v[0]["program"]' <<<"$output")" = curl ]
    run -0 ctl
    [ "${lines[0]}" = "btnsd 9.8.7" ]
    run -0 ctl --js
    [ "$(json 'v["version"]' <<<"$output")" = 9.8.7 ]
    [ "$(awk '{ print $1 }' "$asked" | xargs)" = "LATCHES STATUS STATUS" ]
}

@test "errors about an option's argument name the option" {
    start_mock
    says 'explain --user no-such-user ls 10.0.0.1:80' "--user: 'no-such-user' is no user"
    says 'status --socket' '--socket wants an argument'
    says 'status --json=1' '--json=1 takes no argument'
    says "policy add --name $(printf 'n%.0s' {1..70}) /dev/null" "--name: '$(printf 'n%.0s' {1..70})...' is too long for a name"
    says 'reload --all' 'reload does not take --all'
}

@test "COMMAND --help shows the command and its options alone, in 80 columns" {
    for command in $("$build/btnsctl" --help | sed -n '/^Commands/,/^$/s/^  \([a-z]\+\) .*/\1/p'); do
        run -0 "$build/btnsctl" "$command" --help
        [[ $command == help || $output == "usage: btnsctl $command [OPTION...]"* ]]
        [[ $output == *--json* && -z $(awk 'length > 80' <<<"$output") ]]
        [[ $command == help ]] || [ "$output" = "$("$build/btnsctl" help "$command")" ]
    done
    [ -z "$("$build/btnsctl" --help | awk 'length > 80')" ]
    run -0 "$build/btnsctl" explain --help
    [[ $output == *--cgroup* && $output != *--dry-run* ]]
    # A command with subcommands shows each of them, with its arguments.
    run -0 "$build/btnsctl" peers --help
    [[ $output == *$'\n  btnsctl peers name NAME KEY|ADDRESS\n'* && $output == *$'\n  btnsctl peers import FILE|-\n'* ]]
    run -0 "$build/btnsctl" policy --help
    [[ $output == *$'\n  btnsctl policy show [--long] [FILE|DIRECTORY...]\n'* ]]
}

@test "with --json an error is an object on standard error, and a command that changes something prints that it is done" {
    start_mock
    for line in '--json statsu' 'statsu -j' '--wrong --json' 'latches --json x'; do
        # shellcheck disable=SC2086 # words
        run -2 --separate-stderr ctl $line
        [ -z "$output" ]
        [ "$(json '(v["schema"], v["error"]["status"], v["error"]["outcome"])' <<<"$stderr")" = "(1, 2, 'usage')" ]
    done
    socket=$dir/none run -1 --separate-stderr ctl latches --json
    [[ $(json 'v["error"]["text"]' <<<"$stderr") == "btnsd is not running"* ]]
    run -0 --separate-stderr ctl reload --json
    [ "$(json v <<<"$output")" = "{'schema': 1, 'request': 'reload', 'service': None, 'outcome': 'done', 'text': None}" ]
    stop_mock
    start_mock scene=refusing
    run -4 --separate-stderr ctl reload --json
    [ -z "$output" ]
    [ "$(json 'v["error"]' <<<"$stderr")" = "{'status': 4, 'outcome': 'denied', 'text': 'only root may do that'}" ]
}

@test "--help and --version need no btnsd" {
    socket=$dir/none
    run -0 ctl --version
    [[ $output =~ ^btnsctl\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
    run -0 ctl --help
    [[ $output == usage:* ]]
}

@test "output that cannot be written is exit 1" {
    start_mock
    run -1 bash -c '"$0" --socket "$1" latches --json >/dev/full' "$build/btnsctl" "$socket"
    [[ $output == *"cannot write: No space left on device"* ]]
}
