#!/usr/bin/env bats
# btns-run as the supervisor of a static program: what btnsd is asked, and what comes of the answer.

bats_require_minimum_version 1.5.0
load helpers
load supervision

@test "a static program: btnsd is asked, with the program's socket and in the program's name" {
    mock verdict=protected
    serve
    run -0 supervised "$programs/visitor-static" 127.0.0.1 "$port" count=3
    is 'ok
ok
ok' "$output"
    [ "$(asked CONNECT)" -eq 3 ]
    run -0 grep -c "^CONNECT .*remote=127.0.0.1:$port .*protocol=6 .*socket=same" "$LOG"
    is 3 "$output"
    # The question before it says in whose name: not the supervisor's.
    supervised --supervise sh -c 'echo $$ >pid; exec "$0" 127.0.0.1 '"$port" "$programs/visitor-static"
    grep -q "^CONNECT .*pid=$(<pid)$" "$LOG"
}

@test "a refused connection of a static program: its errno, and the line that the shim would write" {
    mock verdict=denied error=126 text='no key'
    serve
    with_shim "$programs/visitor" 127.0.0.1 "$port" >shimmed 2>said-by-shim
    supervised "$programs/visitor-static" 127.0.0.1 "$port" >supervised 2>said
    diff shimmed supervised
    diff <(sed 's/visitor/visitor-static/' said-by-shim) said
    [ "$(<said)" = "btns: visitor-static: 127.0.0.1:$port: no key" ]
    [ ! -s "$GREETED" ] || ! grep accepted "$GREETED"
}

@test "a first contact of a static program is said as the shim says it" {
    mock verdict=protected first=1 text=rule
    serve
    supervised "$programs/visitor-static" 127.0.0.1 "$port" 2>said
    is "btns: first contact with bob" "$(<said)"
}

@test "a non-blocking connection of a static program, and one that fails later: the person is told why" {
    mock verdict=protected fail=200 error=111 text='the peer is silent'
    supervised "$programs/visitor-static" 127.0.0.1 0 nonblock=1 full=1 2>said || true
    soon grep -q "btns: visitor-static: 127.0.0.1:[0-9]*: the peer is silent" said
}

@test "a listener of a static program: btnsd is asked before it listens, and may refuse it" {
    mock verdict=protected
    timeout 100 "$runner" "$programs/greeter-static" 127.0.0.1 1 >"$GREETED" 3>&- </dev/null &
    echo $! >>pids
    soon grep -q '^port ' "$GREETED"
    port=$(sed -n 's/^port //p' "$GREETED")
    [ "$(grep -c "^LISTEN local=127.0.0.1:$port " "$LOG")" -eq 1 ]
    "$programs/visitor" 127.0.0.1 "$port"
    soon grep -q '^accepted' "$GREETED"
    unmock
    mock verdict=denied error=13
    run ! supervised "$programs/greeter-static" 127.0.0.1 1
}

@test "an inherited listener: the first accept() of a static program asks about it" {
    mock verdict=protected
    python3 - "$runner" "$programs/greeter-static" <<'END' >"$GREETED" 3>&- &
import os, socket, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
s.set_inheritable(True)
print("port", s.getsockname()[1], flush=True)
os.execv(sys.argv[1], [sys.argv[1], sys.argv[2], "inherited", "1", str(s.fileno())])
END
    echo $! >>pids
    soon grep -q '^port ' "$GREETED"
    port=$(sed -n 's/^port //p' "$GREETED")
    "$programs/visitor" 127.0.0.1 "$port"
    soon grep -q '^accepted' "$GREETED"
    [ "$(asked LISTEN)" -eq 1 ]
}

@test "Go's programs are asked about" {
    mock verdict=protected
    python3 -u -m http.server --bind 127.0.0.1 0 >server 2>&1 3>&- &
    echo $! >>pids
    soon grep -q 'Serving HTTP' server
    port=$(grep -oE 'port [0-9]+' server | grep -oE '[0-9]+')
    run -0 supervised hey -n 20 -c 4 "http://127.0.0.1:$port/"
    [[ $output == *"[200]"*20* ]]
    (($(asked CONNECT) >= 4))
    unmock
    mock verdict=denied error=126
    run supervised hey -n 4 -c 2 "http://127.0.0.1:$port/"
    [[ $output != *"[200]"* ]]
}

@test "without btnsd a static program's connections fail, but for those that stay on this host" {
    mock
    away_from_loopback env PORT=9 bash -c '
        . "$0/helpers.bash"
        "$1" --supervise sh -c "unlink $BTNS_SOCKET_PATH; $programs/visitor-static 192.0.2.1 9; $programs/visitor-static 127.0.0.1 9"' \
        "$BATS_TEST_DIRNAME" "$runner" >out 2>said
    is 'ENETDOWN
ECONNREFUSED' "$(<out)"
    grep -q 'btns: visitor-static: 192.0.2.1:9: btnsd is not running.*: refused' said
}
