#!/usr/bin/env bats
# btnsctl: what it asks, what it prints, and that nothing malformed is believed.
bats_require_minimum_version 1.5.0

setup_file() {
    load helpers
    make_dir
}

teardown_file() {
    rm -rf "$dir"
}

setup() {
    load helpers
    export TZ=UTC
    unset BTNS_SOCKET_PATH NO_COLOR
}

teardown() {
    show_stderr
    stop_mock
}

# no_bytes PATTERN: standard input has none of these. (Bats does not see "! command" fail.)
no_bytes() {
    if LC_ALL=C grep -P "$1"; then return 1; fi
}

as_nobody() {
    [[ $EUID -eq 0 ]] || skip "must be root to become another user"
    setpriv --reuid=65534 --regid=65534 --clear-groups "$@"
}

# ---- what must agree

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
    # A btnsd that keeps silent does not hold the shell up.
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

# says LINE TEXT: wrong usage, and this is the message.
says() {
    # shellcheck disable=SC2086 # words
    run -2 --separate-stderr ctl $1
    [ "${stderr_lines[0]}" = "btnsctl: $2" ] || { echo "$1: $stderr"; return 1; }
}

@test "a word that is nearly right is answered with what was meant; one that is not clear with what it could be" {
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
}

@test "with --json an error is an object on standard error, and what acts says that it is done" {
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

# ---- no btnsd

@test "btnsd is not running: exit 1, and what to do" {
    socket=$dir/none
    for command in status latches peers reload 'forget 10.0.0.1' 'explain ls 10.0.0.1:80' \
        'policy block --all' 'explain ls 10.0.0.1:80'; do
        # shellcheck disable=SC2086
        run --separate-stderr ctl $command
        [ "$status" -eq 1 ]
        [ -z "$output" ]
        [ "$stderr" = "btnsctl: btnsd is not running (no $socket): systemctl start btnsd, or run btnsd as root" ]
    done
}

@test "the default socket is btnsd's own" {
    ! [ -e /run/btns/btnsd.sock ] || skip "a btnsd is running on this machine"
    run -1 "$build/btnsctl" status
    [[ $output == *"(no /run/btns/btnsd.sock)"* ]]
}

@test "a socket nobody listens on: exit 1, and what to do" {
    start_mock
    stop_mock
    run -1 ctl status
    [[ $output == *"nobody listens on $socket"*"systemctl start btnsd"* ]]
}

@test "no permission: exit 1, and which file" {
    start_mock
    chmod 700 "$mock_dir"
    run -1 as_nobody "$build/btnsctl" --socket "$socket" status
    [[ $output == *"no permission to use $socket"* ]]
}

@test "a socket path that is too long is not cut" {
    socket=/tmp/$(printf '%0120d' 0)
    run -1 ctl status
    [[ $output == *"longer than 107 bytes"* ]]
}

@test "--socket wins over BTNS_SOCKET_PATH, which wins over the default" {
    start_mock
    BTNS_SOCKET_PATH=$socket run -0 "$build/btnsctl" status
    BTNS_SOCKET_PATH=$dir/none run -0 ctl status
    BTNS_SOCKET_PATH=$dir/none run -1 "$build/btnsctl" status
    [[ $output == *"$dir/none"* ]]
}

# ---- answers that are none

@test "a malformed answer is refused whole, by name of what is wrong" {
    declare -A says=(
        [short]='of the wrong length' [long]='of the wrong length' [tiny]='shorter than a header'
        [version]='speaks version 99' [id]='to another question' [type]='of no known type'
        [other-type]='of the wrong type' [close]='closed the connection without an answer'
    )
    for broken in "${!says[@]}"; do
        start_mock break="$broken"
        for form in '' --json; do
            # shellcheck disable=SC2086
            run --separate-stderr ctl status $form
            echo "$broken: $status: $output$stderr"
            [ "$status" -eq 1 ]
            [ -z "$output" ]
            [[ $stderr == *"${says[$broken]}"* ]]
        done
        stop_mock
    done
}

@test "a list is refused as a whole, too" {
    for broken in short other-type close; do
        start_mock break="$broken"
        for command in latches peers 'latches --json' 'peers --json'; do
            # shellcheck disable=SC2086
            run --separate-stderr ctl $command
            [ "$status" -eq 1 ]
            [ -z "$output" ]
        done
        stop_mock
    done
}

@test "a list that breaks off is exit 1, and its JSON cannot be taken for whole" {
    start_mock scene=broken-list
    run --separate-stderr ctl peers
    [ "$status" -eq 1 ]
    [ -z "$output" ]
    [[ $stderr == *"the list broke off after 1 entries"* ]]
    run --separate-stderr ctl peers --json
    [ "$status" -eq 1 ]
    run -1 json 'len(v)' <<<"$output"
}

@test "a btnsd that keeps silent is given up after 10 s" {
    start_mock break=silent
    SECONDS=0
    run -1 ctl status
    [[ $output == *"did not answer within 10 s"* ]]
    ((SECONDS >= 9))
}

@test "strings without an end are cut, not read beyond" {
    start_mock scene=unterminated
    run --separate-stderr -0 ctl status --json
    [ "$(json '(len(v["version"]), len(v["refused"]))' <<<"$output")" = "(63, 511)" ]
    run --separate-stderr -0 ctl status
    [ "${lines[0]}" = "btnsd $(printf 'v%.0s' {1..63})" ]
}

@test "text from elsewhere cannot move the cursor or forge a line" {
    start_mock scene=hostile
    run -0 ctl latches
    [ "${#lines[@]}" -eq 3 ]
    no_bytes '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output"
    no_bytes '\xe2\x80\xae' <<<"$output"
    [[ ${lines[1]} == 'a\x1b[2Jb\x0ac"d\e\xfffé '*' \xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80 '* ]]
    [[ ${lines[2]} == '    x\x09y\xe2\x80\xaez🔒' ]]
}

@test "JSON stands whatever the text is (O37)" {
    start_mock scene=hostile
    run -0 ctl latches --json
    [ "$(json 'v[0]["program"] == "a\x1b[2Jb\nc\"d\\e\ufffdf\u00e9"' <<<"$output")" = True ]
    [ "$(json 'v[0]["suite"] == 9 * "\ufffd"' <<<"$output")" = True ]
    [ "$(json 'v[0]["reason"] == "x\ty\u202ez\U0001f512"' <<<"$output")" = True ]
    no_bytes '[^\x0a\x20-\x7e]' <<<"$output"
}

# ---- status

@test "status: everything a person asks first" {
    start_mock
    run --separate-stderr -0 ctl status
    [ "${lines[0]}" = "btnsd 9.8.7" ]
    [[ ${lines[1]} == "  pid:      4242, up "*"(since 2001-09-09 01:46:40)" ]]
    [ "${lines[2]}" = "  host key: ed25519:ERERERERERERERERERERERERERERERERERERERERERE=" ]
    [ "${lines[3]}" = "  in words: barih-hokog-duvur-finus-musuj-fupin" ]
    [ "${lines[4]}" = "  charon:   pid 4243" ]
    [ "${lines[5]}" = "  system:   /run/charon.vici: not connected" ]
    [ "${lines[6]}" = "  rules:    5 (generation 7)" ]
    [ "${lines[7]}" = "  peers:    2 known" ]
    [ "${lines[8]}" = "  guards:   3 (keys: private 2, system 0, manual 1)" ]
    [ "${lines[9]}" = "  latches:  4" ]
    [ -z "$stderr" ]
    [ "$(sed -n 1p "$asked")" = "STATUS version=1 len=8" ]
}

@test "status --json" {
    start_mock
    before=$(date +%s)
    run -0 ctl --json status
    want="{'schema': 1, 'version': '9.8.7', 'pid': 4242, 'started': 1000000000, 'key': 'ed25519:ERERERERERERERERERERERERERERERERERERERERERE=', 'words': 'barih-hokog-duvur-finus-musuj-fupin', 'charon_pid': 4243, 'rules': 5, 'generation': 7, 'refused': None, 'in_force': None, 'wrong': [], 'peers': 2, 'guards': 3, 'latches': 4, 'charon': 'running', 'system': '/run/charon.vici: not connected', 'guards_private': 2, 'guards_system': 0, 'guards_manual': 1, 'latching': 'on'}"
    [ "$(json '{k: v[k] for k in v if k != "uptime"}' <<<"$output")" = "$want" ]
    now=$(json 'v["started"] + v["uptime"]' <<<"$output")
    ((now >= before && now <= $(date +%s)))
}

@test "status warns of a refused policy and of a missing charon, and stays 0" {
    start_mock scene=ailing
    run --separate-stderr -0 ctl status
    [[ $stderr == *"policy was refused, the rules of generation 7 stay in force: /etc/btns/policy.d/x.conf:3: no such action"* ]]
    [[ $stderr == *"in force: the policy that was last in force"* ]]
    [[ $stderr == *"warning: /etc/btns/x.conf:9: rule closed"*"warning: disk full"* ]]
    [[ $stderr == *"charon"*"not running"* ]]
    [ "${lines[4]}" = "  charon:   not running" ]
    run --separate-stderr -0 ctl status --json
    [ "$(json '(v["refused"], v["charon_pid"])' <<<"$output")" = "('/etc/btns/policy.d/x.conf:3: no such action', None)" ]
    [ "$(json '(v["in_force"], v["wrong"])' <<<"$output")" = "('the policy that was last in force', ['/etc/btns/x.conf:9: rule closed', 'disk full'])" ]
}

# ---- latches

@test "latches: aligned columns, one line each, reasons below" {
    start_mock
    run -0 ctl latches
    want=$(cat <<'END'
PROGRAM  PID  LOCAL                 REMOTE              STATE            PEER                SUITE        AGE
curl     812  10.77.0.1:40000       10.77.0.2:8000      ESTABLISHED      ed25519:IiIiIiIiIi  aes256gcm16  1h02m
curl     812  [fd77::1]:40002(nat)  [fd77::2]:443(nat)  FAILED (BROKEN)  ed25519:IiIiIiIiIi  aes256gcm16  5s
    identity-conflict: the peer's key changed
python3  -    0.0.0.0:8000          *                   LISTENER         -                   -            3d00h
wget     9    10.77.0.1:40004       10.77.0.66:80       UNPROTECTED      -                   -            0s
    no btnsd there
END
    )
    diff <(echo "$want") <(echo "$output")
    [ "$(sed -n 1p "$asked")" = "LATCHES version=1 len=8" ]
}

@test "watch: one line an event, what was lost is told, and btnsd's end is exit 1" {
    start_mock scene=events
    TZ=UTC run -1 --separate-stderr ctl watch
    want=$(
        cat <<'END'
2001-09-09 01:46:40 watching
2001-09-09 01:46:40 latch-broken curl[812] 10.77.0.1:40000 10.77.0.2:8000 failed ed25519:IiIiIiIiIi (identity-conflict): another\x0akey
2001-09-09 01:46:40 events-lost 12
2001-09-09 01:46:40 latch-closed curl[812] 10.77.0.1 10.77.0.2:8000 closed ed25519:IiIiIiIiIi (ended)
END
    )
    diff <(echo "$want") <(echo "$output")
    [[ $stderr == "btnsctl: btnsd at $socket has ended" ]]
    [ "$(sed -n 1p "$asked")" = "WATCH version=1 len=16" ]
}

@test "watch --json: one object a line" {
    start_mock scene=events
    run -1 --separate-stderr ctl watch --json
    [ "${#lines[@]}" -eq 4 ]
    want="{'schema': 1, 'time': 1000000000, 'event': 'latch-broken', 'state': 'failed', 'state08': 'broken', 'reason_code': 'identity-conflict', 'reason': 'another\\nkey', 'program': 'curl', 'pid': 812, 'uid': 1000, 'local_address': '10.77.0.1', 'local_port': 40000, 'remote_address': '10.77.0.2', 'remote_port': 8000, 'key': 'ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=', 'suite': 'aes256gcm16', 'rule': 'r', 'cookie': 77, 'count': None}"
    [ "$(json v <<<"${lines[1]}")" = "$want" ]
    [ "$(json 'v["event"], v["count"], v["state"]' <<<"${lines[2]}")" = "('events-lost', 12, None)" ]
}

@test "watch: interrupted, it ends with exit 0 and everything is written" {
    start_mock scene=watched
    for signal in INT TERM; do
        # A file for each: that of the round before is full already, and says nothing of this btnsctl.
        : >"$dir/watched-$signal"
        "$build/btnsctl" --socket "$socket" watch --json >>"$dir/watched-$signal" 3>&- &
        for ((i = 0; i < 5000; i++)); do
            [[ $(wc -l <"$dir/watched-$signal") -lt 4 ]] || break
            sleep 0.02
        done
        kill -"$signal" $!
        wait $!
        [ "$(wc -l <"$dir/watched-$signal")" -eq 4 ]
    done
}

@test "latches --json: everything in full, in fields of its own" {
    start_mock
    run -0 ctl latches --json
    want="{'schema': 1, 'program': 'curl', 'pid': 812, 'uid': 1000, 'protocol': 'tcp', 'local_address': '10.77.0.1', 'local_port': 40000, 'remote_address': '10.77.0.2', 'remote_port': 8000, 'state': 'established', 'state08': 'established', 'reason_code': None, 'reason': None, 'key': 'ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=', 'keys': None, 'peer': None, 'proof': None, 'name': None, 'authentication': 'leap-of-faith', 'subject': None, 'authority': None, 'suite': 'aes256gcm16', 'rule': 'intranet (/etc/btns/policy.d/50-web.conf:7)', 'reqid': 4001, 'spi': 3237998081, 'cookie': 77, 'age': 3725, 'nat': None, 'sas': [{'direction': 'out', 'spi': 3237998081, 'used': True, 'packets': 3, 'octets': 180}, {'direction': 'out', 'spi': 3237998080, 'used': False, 'packets': 1, 'octets': 60}, {'direction': 'in', 'spi': 7, 'used': True, 'packets': 1099511627776, 'octets': 1125899906842624}]}"
    [ "$(json 'v[0]' <<<"$output")" = "$want" ]
    [ "$(json '[(l["state"], l["state08"]) for l in v[1:]]' <<<"$output")" = \
        "[('failed', 'broken'), ('listener', 'listener'), ('unprotected', None)]" ]
    [ "$(json '[v[2][k] for k in ("pid", "remote_address", "remote_port", "key", "suite", "spi")]' <<<"$output")" = \
        "[None, None, None, None, None, None]" ]
    [ "$(json 'v[1]["reason"]' <<<"$output")" = "the peer's key changed" ]
    want="{'local': True, 'remote': True, 'remote_inner': 'fd99::2', 'remote_outer': 'fd77::2', 'encapsulation_local_port': 4500, 'encapsulation_remote_port': 20774}"
    [ "$(json 'v[1]["nat"]' <<<"$output")" = "$want" ]
}

@test "nothing to list: headings alone, or an empty array" {
    start_mock scene=empty
    run -0 ctl latches
    [ "${#lines[@]}" -eq 1 ]
    [[ ${lines[0]} == PROGRAM*AGE ]]
    run -0 ctl latches --json
    [ "$output" = "[]" ]
    run -0 ctl peers
    [ "${#lines[@]}" -eq 1 ]
}

@test "colours on a terminal, none with NO_COLOR, in a pipe, or in JSON" {
    start_mock
    on_terminal() { script -qec "$build/btnsctl --socket $socket $*" /dev/null </dev/null; }
    esc=$'\033'
    run -0 on_terminal latches
    [[ $output == *"$esc[31mFAILED (BROKEN)$esc[0m  ed25519"* ]]
    NO_COLOR=1 run -0 on_terminal latches
    [[ $output != *"$esc"* ]]
    NO_COLOR='' run -0 on_terminal latches
    [[ $output == *"$esc"* ]]
    run -0 on_terminal latches --json
    [[ $output != *"$esc"* ]]
    run -0 ctl latches
    [[ $output != *"$esc"* ]]
}

# ---- peers

@test "peers" {
    start_mock
    run -0 ctl peers
    want=$(cat <<'END'
KEY                                                   ADDRESS    NAME  TRUST          FIRST SEEN           LAST SEEN
ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=  10.77.0.2  -     leap-of-faith  2001-09-09 01:46:40  2001-09-09 02:46:40
ed25519:MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=  fd77::66   bob   no latch       2001-09-09 01:46:40  2001-09-09 02:46:40
END
    )
    diff <(echo "$want") <(echo "$output")
    run -0 ctl peers -v
    [[ ${lines[0]} == KEY*'IN WORDS' && ${lines[1]} == *' nutuf-vomas-zifij-girog-sinos-loduz' && ${lines[2]} == *' tupub-vavas-vuhiv-haliv-kuvif-visav' ]]
    run -0 ctl peers --json
    [ "$(json 'v[1]' <<<"$output")" = \
        "{'schema': 1, 'key': 'ed25519:MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM=', 'words': 'tupub-vavas-vuhiv-haliv-kuvif-visav', 'address': 'fd77::66', 'name': 'bob', 'trust': 'pinned', 'latch': 'no', 'no_latch': True, 'revoked': False, 'file': None, 'line': None, 'first_seen': 1000000000, 'last_seen': 1000003600}" ]
}

@test "peers pin, name, forget and no-latch: what is asked, and what is refused before" {
    start_mock
    key=ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI=
    run -0 ctl peers pin "$key" fd77::66 bob
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=fd77::66 key=$(printf '22%.0s' {1..32}) name=bob" ]
    run -0 ctl peers add "$key" 10.0.0.1
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=10.0.0.1 key=$(printf '22%.0s' {1..32}) name=" ]
    run -0 ctl peers name bob 10.0.0.1
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=10.0.0.1 key=- name=bob" ]
    run -0 ctl peers name bob "$key"
    [ "$(tail -n 1 "$asked")" = "PIN version=1 len=136 addr=- key=$(printf '22%.0s' {1..32}) name=bob" ]
    run -0 ctl peers forget 10.0.0.1
    [[ "$(tail -n 1 "$asked")" == "FORGET "*" addr=10.0.0.1 "* ]]
    run -0 ctl peers no-latch "$key" on
    [[ "$(tail -n 1 "$asked")" == "NOLATCH version=1 len=48"* ]]
    run -0 ctl --json peers name bob "$key"
    [[ "$output" == *'"request":"peers name","service":"bob","outcome":"done"'* ]]
    run -0 ctl --json peers no-latch "$key" on
    [[ "$output" == *'"request":"peers no-latch","service":"'"$key"'","outcome":"done"'* ]]
    run -0 ctl --json peers forget 10.0.0.1
    [[ "$output" == *'"request":"peers forget","service":"10.0.0.1","outcome":"done"'* ]]
    run -0 ctl --json nolatch "$key" on # the old word is answered as it was
    [[ "$output" == *'"request":"nolatch",'* ]]
    for wrong in "pin $key" forget "forget $key x" "no-latch $key" "no-latch $key maybe" "add $key" "add 10.0.0.1 $key" "name $key bob" "name any-of-ca $key" "name b/b $key" \
        "name bob" "name bob 10.0.0.1 x" "drop $key" "add $key 10.0.0.1 x/y"; do
        # shellcheck disable=SC2086 # words
        run -2 ctl peers $wrong
    done
}

@test "peers: what can be done is understood abbreviated, and what is nearly right is answered with it" {
    start_mock
    run -0 ctl peers forg 10.0.0.1
    [[ "$(tail -n 1 "$asked")" == "FORGET "* ]]
    run -0 ctl --json peers forg 10.0.0.1
    [[ "$output" == *'"request":"peers forget"'* ]]
    is_answered() { run -2 --separate-stderr ctl peers "$1"; echo "$stderr"; [[ $stderr == "btnsctl: $2"* ]]; }
    is_answered forgte 'no such command: peers forgte; did you mean peers forget?'
    is_answered n 'peers n could be peers name, peers no-latch'
    is_answered quince 'no such command: peers quince'
}

@test "peers export: the lines of known_peers, this host's own where asked; as JSON, too" {
    start_mock
    run -0 ctl peers export
    [ "${lines[0]}" = 'ed25519:IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI= 10.77.0.2 first=2001-09-09T01:46:40Z last=2001-09-09T02:46:40Z trust=leap' ]
    [ "${lines[1]}" = 'ed25519:MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM= fd77::66 first=2001-09-09T01:46:40Z last=2001-09-09T02:46:40Z trust=pinned latch=no name=bob' ]
    [ "${#lines[@]}" = 2 ]
    run -0 ctl peers export --self
    [[ "${#lines[@]}" == 3 && ${lines[0]} == "ed25519:ERERERERERERERERERERERERERERERERERERERERERE= "*" trust=pinned"* ]]
    [[ ${lines[0]} != *127.0.0.1* && ${lines[0]} != *fe80::* ]]
    run -0 ctl peers export --self --json
    [ "$(json '[(x["self"], x["trust"], x["name"]) for x in v[1:]]' <<<"$output")" = "[(False, 'leap', None), (False, 'pinned', 'bob')]" ]
    [ "$(json 'v[0]["self"], v[0]["key"], v[2]["addresses"]' <<<"$output")" = "(True, 'ed25519:ERERERERERERERERERERERERERERERERERERERERERE=', ['fd77::66'])" ]
    run -2 ctl peers --self
    run -2 ctl peers forget 10.0.0.1 --self
    says_here() { [[ $output == *"--self is for peers export alone"* ]]; }
    says_here
}

@test "peers import: a file or standard input goes to btnsd, and what cannot be read is said" {
    start_mock
    echo '# nobody' >"$dir/fleet.txt"
    run -0 ctl peers import "$dir/fleet.txt"
    [ "$(tail -n 1 "$asked")" = "IMPORT version=1 len=264 name=$dir/fleet.txt attached=yes" ]
    run -0 ctl peers import - --json <"$dir/fleet.txt"
    [[ "$output" == *'"request":"peers import","service":"-","outcome":"done"'* ]]
    [ "$(tail -n 1 "$asked")" = "IMPORT version=1 len=264 name=standard input attached=yes" ]
    run -1 ctl peers import "$dir/none.txt"
    [[ $output == "btnsctl: $dir/none.txt: No such file or directory" ]]
    head -c 17M /dev/zero >"$dir/large"
    run -1 ctl peers import "$dir/large"
    [[ $output == *"larger than 16777216 octets: import it in several parts"* ]]
    run -2 ctl peers import
}

@test "key rotate: one request; another word is answered with what there is" {
    start_mock
    run -0 ctl key rotate
    [ "$(tail -n 1 "$asked")" = "ROTATE version=1 len=8" ]
    run -0 ctl key rotate --json
    [ "$(json 'v["request"], v["outcome"]' <<<"$output")" = "('key rotate', 'done')" ]
    run -2 --separate-stderr ctl key turn
    [[ ${stderr_lines[0]} == 'btnsctl: no such command: key turn; there are: key rotate' ]]
    run -2 ctl key
}

@test "keyscan: lines that peers import takes; a host that gives no key is said, and the others are asked" {
    start_mock
    run -0 --separate-stderr ctl keyscan 10.0.0.1
    [[ ${lines[0]} == "# 10.0.0.1" && ${lines[1]} =~ ^ed25519:IiIi[^\ ]*=\ 10\.0\.0\.1\ first=[^\ ]*Z\ last=[^\ ]*Z\ trust=leap$ ]]
    [ "$(tail -n 1 "$asked")" = "KEYSCAN version=1 len=32 addr=10.0.0.1" ]
    run -1 --separate-stderr ctl keyscan 10.0.0.9 10.0.0.2 nobody.invalid
    [[ ${lines[0]} == "# 10.0.0.2" && ${#lines[@]} == 2 ]]
    [[ ${stderr_lines[0]} == "btnsctl: keyscan: 10.0.0.9 (10.0.0.9) gave no key: no answer in time" ]]
    [[ ${stderr_lines[1]} == "btnsctl: keyscan: nobody.invalid: "* ]]
    run -1 --separate-stderr ctl keyscan 10.0.0.1 10.0.0.9 --json
    [ "$(json '[(x["host"], x["address"], x["key"][:12]) for x in v]' <<<"$output")" = "[('10.0.0.1', '10.0.0.1', 'ed25519:IiIi')]" ]
    [[ $stderr == *'"outcome":"failed","text":"keyscan: 10.0.0.9 (10.0.0.9) gave no key'* ]]
    run -2 ctl keyscan
}

@test "keyscan: hosts are asked at once, and written in the order in which they were given" {
    start_mock
    run -1 --separate-stderr ctl keyscan 10.0.2.7 10.0.0.1 10.0.0.9 10.0.1.7 10.0.3.7
    echo "$output$stderr"
    [ "$(grep '^#' <<<"$output" | tr -d '\n')" = '# 10.0.2.7# 10.0.0.1# 10.0.1.7# 10.0.3.7' ]
    [[ $stderr == "btnsctl: keyscan: 10.0.0.9 (10.0.0.9) gave no key: no answer in time" ]]
}

# ---- explain

@test "explain: asks about the very file, and prints the verdict and why" {
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
    [ "$(json 'v[0]["candidates"][0]' <<<"$output")" = "{'outcome': 'wins', 'why': 'wins', 'program': 'curl', 'rule': 'web', 'author': 'administrator', 'rank': 'default', 'file': '/p/50-curl.conf', 'line': 20, 'action': 'protect', 'profile': 'default', 'suite': 'aes256gcm16', 'identity': 'known-key', 'timeout': 10, 'lifetime': 90, 'vendor': 'Acme', 'description': 'the web\\x1b[2J'}" ]
    [ "$(json '[v[0][k] for k in ("requestor", "request", "service", "outcome")]' <<<"$output")" = "[1000, 'explain', 'quick', 'done']" ]
    [ "$(json '[v[0]["candidates"][1][k] for k in ("profile", "suite", "identity", "timeout")]' <<<"$output")" = "[None, None, None, None]" ]
}

@test "an answer about another request than was made is none (O83)" {
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

@test "explain: candidates without a verdict are no answer" {
    start_mock scene=no-verdict
    for form in '' --json; do
        # shellcheck disable=SC2086
        run --separate-stderr -1 ctl explain /bin/ls 10.0.0.1:80 $form
        [[ -z $output && $stderr == *"of the wrong type"* ]]
    done
}

@test "explain: names are looked up; what does not exist is exit 1" {
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

@test "output that cannot be written is exit 1" {
    start_mock
    run -1 bash -c '"$0" --socket "$1" latches --json >/dev/full' "$build/btnsctl" "$socket"
    [[ $output == *"cannot write: No space left on device"* ]]
}
