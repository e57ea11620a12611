# connect() under the shim: the questions and reports that btnsd gets, and when a cached verdict applies. Against a mock
# of btnsd.

bats_require_minimum_version 1.5.0
load helpers

@test "a connection is asked about, with the socket itself" {
    mock verdict=protected
    serve
    run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=127.0.0.1:$port flags=0x8 protocol=6 policy=0 socket=same " "$LOG"
}

# The test records every octet that the shim sends; the answer that it waits for never comes.
@test "what the shim tells of a program is its connection: no argument, environment or data of it (O63)" {
    [ "$(id -u)" = 0 ] || skip "btnsd is root's"
    serve
    python3 -c '
import os, socket, sys
s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
s.bind(sys.argv[1])
s.listen()
print("listens", flush=True)
with open(sys.argv[2], "wb") as log:
    while True:
        c = s.accept()[0]
        said = c.recv(65536) # nothing: a link that was opened before there is a message for it
        log.write(said and said + b"\n--end--\n")
        log.flush()
        c.close()' "$BTNS_SOCKET_PATH" "$LOG" >"$BATS_TEST_TMPDIR/ready" 3>&- &
    echo $! >>"$BATS_TEST_TMPDIR/pids"
    soon grep -q listens "$BATS_TEST_TMPDIR/ready"
    run env PRIVATE=environment-4711 LD_PRELOAD="$shim" timeout 600 python3 -c '
import os, socket, sys
os.chdir("/proc")
s = socket.socket()
s.connect((sys.argv[1], int(sys.argv[2])))
s.send(b"data-4711")' "$server_host" "$port" argument-4711
    [ "$status" -eq 0 ] # to loopback it goes on
    soon grep -aq -e --end-- "$LOG"
    if grep -aE '4711|python|/proc|PRIVATE' "$LOG"; then return 1; fi
    # One struct btns_flow: head, flags, protocol, descriptor, cookie, policy and two addresses.
    is $((8 + 4 + 2 + 2 + 8 + 8 + 24 + 24 + 9)) "$(stat -c %s "$LOG")"
}

@test "IPv6 as IPv4, and a mapped address is its IPv4 one" {
    mock verdict=protected
    serve ::1
    run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=::1:$port " "$LOG"
    serve
    server_host=::ffff:127.0.0.1 run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=127.0.0.1:$port " "$LOG"
}

@test "any address, as a destination, is loopback" {
    mock verdict=protected
    serve
    server_host=0.0.0.0 run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=127.0.0.1:$port " "$LOG"
    serve ::1
    server_host=:: run -0 visit
    is ok "$output"
    grep -q "^CONNECT local=-:0 remote=::1:$port " "$LOG"
}

@test "the second connection to a destination makes no request" {
    mock verdict=protected
    serve
    run -0 visit count=5
    is $'ok\nok\nok\nok\nok' "$output"
    is 1 "$(asked CONNECT)"
    soon asked_is CONNECTING 4
    grep -q "^CONNECTING local=-:0 remote=127.0.0.1:$port flags=0 protocol=6 " "$LOG"
}

@test "btnsd is told of a warm connection without a system call" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected
    serve
    with_shim strace -o trace -e trace=sendmsg "$programs/visitor" "$server_host" "$port" count=20 between="$until_ring" >said
    is 20 "$(grep -c '^ok$' said)"
    settled
    is 19 "$(asked CONNECTING)"
    is 2 "$(grep -c 'sendmsg(' trace)" # a question, and the memory
}

@test "btnsd that does not look into the memory is sent messages, and no message is lost when it is full" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected ring=0
    serve
    run -0 visit count=5
    settled
    is 4 "$(asked CONNECTING)"
    mock verdict=protected ring=2
    with_shim strace -o trace -e trace=sendmsg "$programs/visitor" "$server_host" "$port" count=400 between="$until_ring" >said
    settled
    is 399 "$(asked CONNECTING)"
    is 61 "$(grep -c 'sendmsg(' trace)" # a question, the memory, and what 340 slots do not hold
}

@test "memory that could not be offered to btnsd is offered with the next question" {
    local what
    command -v strace >/dev/null || skip "no strace"
    for what in memfd_create:error=EMFILE:when=1 sendmsg:error=EAGAIN:when=2; do
        mock verdict=protected
        serve 0.0.0.0
        with_shim strace -o trace -e trace=sendmsg,memfd_create -e inject="$what" python3 -c '
import os, socket, subprocess, sys
def visit(host):
    with socket.socket() as s:
        s.connect((host, int(sys.argv[1])))
visit("127.0.0.1")
visit("127.0.0.1") # told by message
visit("127.0.0.2") # asked about
subprocess.run(["timeout", "120", "sh", "-c", sys.argv[2]], check=True)
for _ in range(20):
    visit("127.0.0.2")' "$port" "$until_ring"
        settled
        is 2 "$(grep -c 'memfd_create(' trace)"
        is 2 "$(asked CONNECT)"
        is 21 "$(asked CONNECTING)"
        is 4 "$(grep 'sendmsg(' trace | grep -vc EAGAIN)" # two questions, a message, the memory
    done
}

@test "each new btnsd is offered memory, however often btnsd was restarted" {
    mock verdict=protected
    serve
    cat >restarts.py <<'END'
import os, socket, sys
for i in range(10):
    assert i == 0 or os.system(sys.argv[2]) == 0
    socket.create_connection(("127.0.0.1", int(sys.argv[1]))).close()
    assert os.system("env -u LD_PRELOAD timeout 60 sh -c '" + sys.argv[3] + "'") == 0
END
    run -0 with_shim /usr/bin/python3 restarts.py "$port" "$(restart verdict=protected)" "$until_ring"
}

@test "a child has none of the memory that its parent shares with btnsd, however it was forked" {
    mock verdict=protected
    serve
    run -0 habit forks-by-number
    is $'ok\nok\nok\nok' "$output"
    settled
    is 3 "$(asked CONNECTING)"
    is 2 "$(grep -o 'pid=[0-9]*' "$LOG" | sort -u | wc -l)"
}

@test "a known clear destination needs no message at all" {
    mock verdict=clear
    serve
    run -0 visit count=5
    settled
    is 1 "$(wc -l <"$LOG")"
}

@test "a verdict that may not be kept is asked for each time" {
    mock verdict=protected cache=0
    serve
    run -0 visit count=3
    settled
    is 3 "$(asked CONNECT)"
    is 0 "$(asked CONNECTING)"
}

@test "a cached verdict is for the network namespace in which it was given" {
    unshare -n true 2>/dev/null || skip "needs root"
    mock verdict=protected
    serve
    run -0 habit leaves-its-network
    is $'ok\nok\nENETUNREACH\nits old socket: ok' "$output"
    settled
    is 2 "$(asked CONNECT)"
    is 2 "$(asked CONNECTING)"
}

@test "a process that is made in another network namespace asks" {
    unshare -n true 2>/dev/null || skip "needs root"
    mock verdict=protected
    serve
    run -0 habit clones-into-another-network
    is $'ok\nok\nENETUNREACH' "$output"
    settled
    is 2 "$(asked CONNECT)"
    is 1 "$(asked CONNECTING)"
}

@test "a socket with an address of its own is asked about, however it was bound and whatever its number was" {
    mock verdict=protected
    serve
    run -0 habit binds-oddly
    is 19 "$(grep -c '^ok$' <<<"$output")"
    settled
    is $((1 + 9)) "$(asked CONNECT)"
    is 9 "$(asked CONNECTING)"
}

@test "a warm connection costs one system call, and what is none of btnsd's business costs none" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected
    serve
    with_shim strace -o trace "$programs/visitor" "$server_host" "$port" count=20 between="$until_ring" >said
    counted() { sed -n '/connect.*AF_INET/,$p' trace | sed '/^exit_group/,$d; /^brk/d' | cut -d'(' -f1 | sort | uniq -c; } # libc's first brk() is earlier with the shim
    counted >shimmed
    strace -o trace "$programs/visitor" "$server_host" "$port" count=20 between="$until_ring" >said
    counted >native
    is 19 "$(($(awk '{ n += $1 } END { print n }' shimmed) - $(awk '{ n += $1 } END { print n }' native)))"
    # Counted from the second round on: in the first, the shim may ask the kernel where this thread's stack is (memory.c).
    printf '%s\n' 'import socket, os' 'u, n, p = socket.socket(socket.AF_UNIX), "u%d" % os.getpid(), os.pipe()' \
        'u.bind(n); u.listen()' 'for i in range(21):' '    if i == 1: os.getppid()' '    a = socket.socket(socket.AF_UNIX); a.connect(n)' \
        '    b = u.accept()[0]; a.send(b"x"); b.recv(1); a.close(); b.close()' '    os.write(p[1], b"x"); os.read(p[0], 1)' \
        '    f = os.open("f", os.O_CREAT | os.O_RDWR); d = os.dup(f); os.close(f); os.close(d)' 'os.getppid()' >local.py
    with_shim strace -o trace /usr/bin/python3 local.py
    sed -n '/^getppid/,/^getppid/p' trace | cut -d'(' -f1 >shimmed
    strace -o trace /usr/bin/python3 local.py
    sed -n '/^getppid/,/^getppid/p' trace | cut -d'(' -f1 >native
    diff native shimmed
    [ "$(wc -l <native)" -gt 200 ]
}

@test "no page, no cached verdict" {
    mock verdict=protected page=0
    serve
    run -0 visit count=3
    is 3 "$(asked CONNECT)"
}

@test "when the epoch has moved it asks again, once" {
    mock verdict=protected
    serve
    run -0 visit count=2 between="kill -USR1 $(<"$BTNS_SOCKET_PATH.pid"); until grep -q EPOCH $LOG; do sleep 0.02; done"
    settled
    is 2 "$(asked CONNECT)"
    is 0 "$(asked CONNECTING)"
    : >"$LOG"
    run -0 visit count=3
    is 1 "$(asked CONNECT)"
}

@test "a restarted btnsd is asked anew: protected" {
    mock verdict=protected
    serve
    run -0 --separate-stderr visit count=2 between="$(restart verdict=denied error=13)"
    is $'ok\nEACCES' "$output"
}

@test "a restarted btnsd is asked anew: clear, though its epoch is the same" {
    mock verdict=clear
    serve
    run -0 --separate-stderr visit count=2 between="$(restart verdict=denied error=13)"
    is $'ok\nEACCES' "$output"
}

@test "when btnsd has gone nothing goes by what it said" {
    mock verdict=clear
    serve
    run -0 --separate-stderr visit count=2 between="$(restart break=close)"
    is 1 "$(asked CONNECT)" # by the new btnsd, which gives no answer; loopback goes on
}

@test "a socket with an address or a route of its own does not use a cached verdict" {
    mock verdict=protected
    serve
    run -0 visit count=3 bind=1
    is 3 "$(asked CONNECT)"
    grep -q '^CONNECT local=127.0.0.1:[1-9][0-9]* ' "$LOG"
    : >"$LOG"
    run -0 visit count=3 mark=1
    is 3 "$(asked CONNECT)"
}

@test "a non-blocking connect says so, and is in progress" {
    mock verdict=protected delay=200000
    serve
    run -0 visit nonblock=1
    is $'EINPROGRESS\npoll 1\nSO_ERROR 0' "$output"
    grep -q '^CONNECT .* flags=0x9 ' "$LOG"
    is 0 "$(asked WHY)"
}

@test "SO_SNDTIMEO bounds the wait for a verdict too" {
    mock verdict=protected delay=200000
    serve
    local before=$SECONDS
    run -0 visit timeout=300
    # Connected in the background, before the program could look, or not yet.
    [[ $output == ok || $output == EINPROGRESS ]]
    [ $((SECONDS - before)) -lt 150 ]
    is 2 "$(asked CONNECT)"
    grep -q '^CONNECT .* flags=0x9 ' "$LOG"
}

@test "MSG_FASTOPEN is a connect" {
    mock verdict=denied error=13
    serve
    run -0 --separate-stderr visit fastopen=1
    is EACCES "$output"
    mock verdict=protected
    run -0 visit fastopen=1 count=2
    is $'ok\nok' "$output"
    is 1 "$(asked CONNECT)"
}

@test "MPTCP is asked about as what it is, and never goes by a cached verdict" {
    mock verdict=protected
    serve
    run visit protocol=262 count=2
    [ "$status" = 0 ] || skip "no MPTCP here"
    is 2 "$(grep -c '^CONNECT .* protocol=262 ' "$LOG")"
    run -0 visit count=4 protocol=6 later=262
    is 1 "$(grep -c '^CONNECT .* protocol=6 ' "$LOG")"
    is 5 "$(grep -c '^CONNECT .* protocol=262 ' "$LOG")"
    run -0 visit count=2 protocol=262 later=6
    is 2 "$(grep -c '^CONNECT .* protocol=6 ' "$LOG")"
}

@test "denied: the verdict's errno, and one line that says who, where and why" {
    mock verdict=denied error=113 text='no key of bob'
    serve
    run -0 --separate-stderr visit count=3
    is $'EHOSTUNREACH\nEHOSTUNREACH\nEHOSTUNREACH' "$output"
    is "btns: visitor: 127.0.0.1:$port: no key of bob" "$stderr"
    is 3 "$(asked CONNECT)"
    is 1 "$(wc -l <"$GREETED")" # its port, and nobody
}

@test "unprotected: goes on, and says so once" {
    mock verdict=unprotected text='bob has no btnsd' cache=0
    serve
    run -0 --separate-stderr visit count=3
    is $'ok\nok\nok' "$output"
    is "btns: visitor: 127.0.0.1:$port: unprotected: bob has no btnsd" "$stderr"
}

@test "where this host may send a protected connection elsewhere, a process says so once, for all destinations" {
    mock verdict=protected translates=1 text='if a rule sends it elsewhere, it is stopped'
    serve
    run -0 --separate-stderr visit count=3
    is "btns: visitor: 127.0.0.1:$port: protected: if a rule sends it elsewhere, it is stopped" "$stderr"
    is 3 "$(asked CONNECT)"
}

@test "a first contact is said on a line of its own, as btnsd says; the verdict only with BTNS_VERBOSE" {
    mock verdict=protected first=1 text=rule
    serve
    run -0 --separate-stderr visit count=3
    is "btns: first contact with bob" "$stderr"
    BTNS_VERBOSE=1 run -0 --separate-stderr visit
    is "btns: first contact with bob
btns: visitor: 127.0.0.1:$port: protected: rule" "$stderr"
}

@test "BTNS_VERBOSE says each verdict" {
    mock verdict=protected text=bob
    serve
    BTNS_VERBOSE=1 run -0 --separate-stderr visit
    is "btns: visitor: 127.0.0.1:$port: protected: bob" "$stderr"
}

@test "btns-run's choices reach btnsd" {
    mock
    serve
    BTNS_MODE=require BTNS_POLICY=abcdef0123456789 run -0 visit
    grep -q '^CONNECT .* flags=0xa .* policy=0xabcdef0123456789 ' "$LOG"
    BTNS_MODE=prefer run -0 visit
    grep -q '^CONNECT .* flags=0xc .* policy=0 ' "$LOG"
}

failed_late() {
    mock verdict=protected cache=0 fail=300 text='no answer from bob'
    visit full=1 nonblock=1 look="$1"
}

@test "a non-blocking connection that btnsd fails later: SO_ERROR, and the reason" {
    run -0 failed_late error
    is $'EINPROGRESS\npoll 1' "$(head -n 2 <<<"$output")"
    [[ ${lines[2]} == 'btns: visitor: 127.0.0.1:'*': no answer from bob' ]]
    is 'SO_ERROR ECONNRESET' "${lines[3]}"
    is 0 "$(asked WHY)" # btnsd tells by itself
}

@test "a non-blocking connection that btnsd fails later: a second connect" {
    run -0 --separate-stderr failed_late connect
    is $'EINPROGRESS\npoll 1\nEACCES' "$output"
    [[ $stderr == 'btns: visitor: 127.0.0.1:'*': no answer from bob' ]]
    is 3 "$(asked CONNECT)" # two that fill the queue, and this one, once
}

@test "a non-blocking connection that btnsd fails later: close" {
    run -0 --separate-stderr failed_late close
    is $'EINPROGRESS\npoll 1' "$output"
    [[ $stderr == 'btns: visitor: 127.0.0.1:'*': no answer from bob' ]]
}
