# Programs under the shim behave as without it: results, descriptors, forks, threads, signals. Against a mock of btnsd.

bats_require_minimum_version 1.5.0
load helpers

same_as_native() {
    "$programs/calls" >native </dev/null
    with_shim "$programs/calls" >shimmed 2>said
    diff native shimmed
    [ "$(wc -l <native)" -gt 100 ]
}

@test "every call returns and sets errno as without the shim: clear" {
    mock verdict=clear
    same_as_native
    [ "$(asked CONNECT)" -gt 5 ]
    ! grep "^LISTEN local=[^ ]*:0 " "$LOG"
}

@test "every call returns and sets errno as without the shim: protected" {
    mock verdict=protected
    same_as_native
    [ "$(asked CONNECTING)" -gt 2 ]
}

@test "every call returns and sets errno as without the shim: unprotected" {
    mock verdict=unprotected cache=0
    same_as_native
    grep -q '^btns: calls: .*: unprotected: the mock says so$' said
}

@test "every call returns and sets errno as without the shim: btnsd away, --prefer" {
    BTNS_MODE=prefer same_as_native
    grep -q '^btns: calls: 0.0.0.0:.*: unprotected: btnsd is not running' said
}

@test "pointers that cannot be read, or end where a page does: every call ends as without the shim" {
    "$programs/pointers" >native </dev/null
    grep -qx done native
    grep -c EFAULT native
    for verdict in clear protected; do
        mock verdict=$verdict
        with_shim "$programs/pointers" >shimmed 2>said
        diff native shimmed
    done
}

@test "an address that is longer than any is asked about too: the kernel sends to it" {
    mock verdict=denied error=126
    with_shim "$programs/pointers" long >out 2>said
    is 3 "$(grep -c '= -1 ENOKEY$' out)"
    grep -qx '0 came' out
    is 3 "$(asked CONNECT)"
}

@test "a program has no new descriptor but one high one, that its children do not get" {
    mock verdict=protected
    serve
    run -0 habit counts
    is $'ok\nok\n1 more' "$(head -n 3 <<<"$output")"
    is '960 close-on-exec' "${lines[4]}"
    [ ${#lines[@]} = 5 ]
}

@test "a program that closes all descriptors connects again" {
    mock verdict=protected ring=0
    serve
    run -0 habit closes-all
    is $'ok\nok\nok\n1 open' "$output"
    mock verdict=protected # memory that is shared with btnsd needs no descriptor, until btnsd sees that its own is gone
    run -0 habit closes-all
    [[ $output == $'ok\nok\nok\n'[01]' open' ]]
}

@test "a program that puts its own descriptor on the link's number keeps it" {
    mock verdict=protected
    serve
    run -0 habit dups-over-all
    is $'ok\nthere is a link\nok\nok\nit got EAGAIN\nstill its own' "$output"
}

@test "forked children and their parent go on, without new questions" {
    mock verdict=protected
    serve
    run -0 habit forks
    is $'ok\nok\nok\nok\nok' "$output"
    is 1 "$(asked CONNECT)"
    soon asked_is CONNECTING 4
    is 4 "$(grep -o 'pid=[0-9]*' "$LOG" | sort -u | wc -l)"
}

@test "a vfork and an exec leave the parent's link as it was" {
    mock verdict=protected
    serve
    run -0 habit vforks
    is ok "${lines[0]}"
    is ok "${lines[1]}"
    is ok "${lines[-1]}"
    is 2 "$(asked CONNECT)"
}

@test "a vfork child that closes all and connects does not confuse the parent" {
    mock verdict=protected
    serve
    run -0 habit connects-in-vfork
    is $'ok\nok\nok' "$output"
}

@test "nothing of the shim is left open over an exec" {
    mock verdict=protected
    serve
    with_shim "$programs/habits" counts "$server_host" "$port" >/dev/null # there would be something
    run -0 habit execs
    is ok "${lines[0]}"
    ! grep -qE '^9[0-9][0-9]' <<<"$output"
}

@test "descriptors 0, 1 and 2 stay free when the program closed them" {
    mock verdict=protected
    serve
    run -0 habit closes-standard
    is '0 0 1 2' "$output"
}

@test "a program with a small limit of descriptors gets by" {
    mock verdict=protected
    serve
    run -0 habit has-few
    is $'ok\nok' "$(head -n 2 <<<"$output")"
}

@test "a program whose files may not grow connects: neither its memory for btnsd nor a line ends it" {
    mock verdict=protected
    serve
    run -0 habit grows-no-file
    is $'ok\nok' "$output"
    mock verdict=denied error=13
    is $'EACCES\nEACCES' "$(habit grows-no-file 2>said)"
    is '' "$(<said)"
}

@test "a program that clears its environment is still known" {
    mock verdict=protected
    serve
    BTNS_POLICY=1f2e run -0 habit clears-environment
    is ok "$output"
    grep -q '^CONNECT .* policy=0x1f2e ' "$LOG"
}

@test "100 threads connect together, and nothing is left open" {
    mock verdict=protected delay=30
    serve
    run -0 with_shim "$programs/threads" parallel "$server_host" "$port" 100
    is 'ok 200 left 1' "$output"
    soon asked_is CONNECTING "$((200 - $(asked CONNECT)))"
    is 1 "$(asked RING)" # they share one
}

@test "cancelled threads leave nothing open" {
    mock verdict=protected delay=2000 cache=0
    serve
    run -0 with_shim "$programs/threads" cancel "$server_host" "$port" 5
    is 'cancelled 5 left 1' "$output"
    is 5 "$(asked CONNECT)"
}

@test "signals with SA_RESTART: no connect is interrupted" {
    mock verdict=protected delay=15 cache=0
    serve
    run -0 with_shim "$programs/signals" restart "$server_host" "$port" 30
    is 'connected 30 changed 0 interrupted no handled yes' "$output"
    is 30 "$(asked CONNECT)"
}

@test "signals without SA_RESTART: every connection comes about, by the kernel's own ways" {
    mock verdict=protected delay=15 cache=0
    serve
    run -0 with_shim "$programs/signals" interrupt "$server_host" "$port" 30
    [[ $output == 'connected 30 changed 0 interrupted '*' handled yes' ]]
    grep -q '^CONNECT .* flags=0x1 ' "$LOG"
}

@test "an interrupted connect gives EINTR and goes on, as without the shim" {
    mock verdict=protected delay=200000 cache=0
    "$programs/signals" once 127.0.0.1 0 1 >native
    local before=$SECONDS
    with_shim "$programs/signals" once 127.0.0.1 0 1 >shimmed
    [ $((SECONDS - before)) -lt 150 ]
    is EINTR "$(head -n 1 native)"
    diff native shimmed
}

@test "a program that jumps out of connect leaves one descriptor behind, not one each time" {
    mock verdict=protected break=silent
    serve
    run -0 with_shim "$programs/signals" jump "$server_host" "$port" 20
    is 'jumped 20 left 2' "$output"
}

@test "a connect before any constructor has run, libc's included" {
    mock verdict=protected
    serve
    run -0 with_shim "$programs/early" "$server_host" "$port"
    is $'ok\nok' "$output"
    is 1 "$(asked CONNECT)" # the second; the first has no environment yet that says where the mock is
}

@test "a library's constructor connects before the shim's has run" {
    mock verdict=protected
    serve
    gcc -D_GNU_SOURCE -I"$BATS_TEST_DIRNAME/../.." -shared -fPIC -o early.so "$BATS_TEST_DIRNAME/early_library.c"
    EARLY_HOST=$server_host EARLY_PORT=$port LD_PRELOAD=$shim:./early.so run -0 "$programs/visitor" "$server_host" "$port"
    is $'ok\nok' "$output"
    grep -q CONNECT "$LOG"
}
