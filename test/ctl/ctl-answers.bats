#!/usr/bin/env bats
# btnsctl: a btnsd that is away, or whose answers are malformed; and text from outside in the output.
bats_require_minimum_version 1.5.0

load common

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

# ---- malformed answers

@test "a malformed answer is refused as a whole, and the message names the fault" {
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

@test "a list that breaks off is exit 1, and its JSON is not well-formed" {
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

@test "strings without a NUL are cut, and not read beyond their field" {
    start_mock scene=unterminated
    run --separate-stderr -0 ctl status --json
    [ "$(json '(len(v["version"]), len(v["refused"]))' <<<"$output")" = "(63, 511)" ]
    run --separate-stderr -0 ctl status
    [ "${lines[0]}" = "btnsd $(printf 'v%.0s' {1..63})" ]
}

@test "text from outside cannot move the cursor or forge a line" {
    start_mock scene=hostile
    run -0 ctl latches
    [ "${#lines[@]}" -eq 3 ]
    no_bytes '[\x00-\x08\x0b-\x1f\x7f]' <<<"$output"
    no_bytes '\xe2\x80\xae' <<<"$output"
    [[ ${lines[1]} == 'a\x1b[2Jb\x0ac"d\e\xfffé '*' \xc0\xaf\xed\xa0\x80\xf5\x80\x80\x80 '* ]]
    [[ ${lines[2]} == '    x\x09y\xe2\x80\xaez🔒' ]]
}

@test "JSON stays well-formed whatever the text is (O37)" {
    start_mock scene=hostile
    run -0 ctl latches --json
    [ "$(json 'v[0]["program"] == "a\x1b[2Jb\nc\"d\\e\ufffdf\u00e9"' <<<"$output")" = True ]
    [ "$(json 'v[0]["suite"] == 9 * "\ufffd"' <<<"$output")" = True ]
    [ "$(json 'v[0]["reason"] == "x\ty\u202ez\U0001f512"' <<<"$output")" = True ]
    no_bytes '[^\x0a\x20-\x7e]' <<<"$output"
}
