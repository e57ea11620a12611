# What happens to a program while the shim waits for btnsd: threads, signals, limits, and a btnsd that hangs.

bats_require_minimum_version 1.5.0
load helpers

# waits NAME [OPTION=VALUE...]: one of the program's cases, against a mock that is about to be stopped.
waits() {
    local name=$1
    shift
    mock verdict=protected cache=0 "$@"
    with_shim timeout 100 "$programs/waits" shim "$name"
}

# as_native NAME: the kernel does the same with a connection that waits for an answer.
as_native() {
    "$programs/waits" native "$1" >native
    waits "$1" >shimmed 2>said
    diff native shimmed
    [ -s native ]
}

@test "a number is not a socket: what has got it while connect() waited is left alone" {
    run -0 waits reuses-in-connect
    is 'same number: EBADF; the other socket is as it was' "$output"
}

@test "a number is not a socket: listen()" {
    run -0 waits reuses-in-listen
    is 'same number: EBADF; the other socket is as it was' "$output"
}

@test "a number is not a socket: a message that connects" {
    run -0 waits reuses-in-message
    is 'same number: EBADF; the other socket is as it was' "$output"
}

@test "shutdown() by another thread ends a connect() that waits, as without the shim" {
    as_native gives-up-by-shutdown
}

@test "connect(AF_UNSPEC) by another thread ends a connect() that waits, as without the shim" {
    as_native gives-up-by-connect
}

@test "a thread is cancelled while it waits, as without the shim, and leaves nothing open" {
    local before=$SECONDS
    as_native is-cancelled
    grep -q '^cancelled, 0 left$' shimmed
    [ $((SECONDS - before)) -lt 40 ] # 60 s is the limit of the wait, after which connect() itself is cancelled
}

@test "a handler with SA_RESTART ends no connect(), as without the shim" {
    as_native restarts
}

@test "a handler with SA_RESTART ends the connect() of a socket with a limit, as without the shim" {
    as_native has-limit-and-restarts
    grep -q EINTR shimmed
}

@test "a handler without SA_RESTART ends a connect(), and a limit does, as without the shim" {
    as_native is-interrupted
    as_native has-limit
    grep -q EINPROGRESS shimmed
}

@test "the wait for btnsd counts as part of a connection's own limit" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected delay=600 cache=0
    LD_PRELOAD=$shim strace -e trace=setsockopt -o trace "$programs/visitor" 127.0.0.1 9 full=1 timeout=900 >out
    is EINPROGRESS "$(<out)"
    # The program's own, what is left of it, and the program's own again.
    grep SO_SNDTIMEO trace >limits
    is 3 "$(wc -l <limits)"
    is 2 "$(sort -u limits | wc -l)"
}

@test "btnsd hangs: twenty non-blocking connections do not wait for it" {
    run -0 waits hangs-for-nonblocking-connect
    is soon "$output"
}

# sends LINES: with the shim, by a Python that has a socket s, a function send(FLAGS) and one that stops the mock
sends() {
    with_shim timeout 100 python3 -c 'import errno, os, signal, socket
place, s = "127.0.0.1", socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def send(flags=0):
    try:
        return s.sendto(b"one", flags, (place, 9))
    except OSError as e:
        return errno.errorcode[e.errno]
def stop():
    os.kill(int(open(os.environ["BTNS_SOCKET_PATH"] + ".pid").read()), signal.SIGSTOP)
'"$1"
}

@test "btnsd is slow: a datagram of a socket that blocks waits for its answer, as connect() does" {
    mock verdict=protected delay=1500 cache=0
    run -0 sends 'print(send())'
    is 3 "$output"
}

@test "btnsd hangs: a datagram of a socket that blocks waits as long as the socket's own limit allows" {
    mock verdict=protected cache=0
    run -0 sends 's.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, b"\0" * 8 + (300000).to_bytes(8, "little")); stop(); print(send())'
    is EAGAIN "$output"
}

@test "btnsd hangs: a datagram that must not wait finds no room at first, as btnsd may be slow, then it is refused, soon" {
    local before=$SECONDS
    mock verdict=protected cache=0
    run -0 --separate-stderr sends 'place = "192.0.2.9"; stop(); print(send(socket.MSG_DONTWAIT)); s.setblocking(False); print(send())'
    is $'EAGAIN\nENETDOWN' "$output"
    [ $((SECONDS - before)) -lt 50 ] # a call that waited would take 60 s
}

@test "btnsd was late: after some seconds a call that must not wait gives it more time again" {
    mock verdict=protected cache=0
    run -0 --separate-stderr sends 'import time
def took():
    began = time.monotonic()
    send()
    return time.monotonic() - began
place = "192.0.2.9"
s.setblocking(False)
stop()
took()
time.sleep(3) # the time itself is what counts
print(took() >= 0.35)'
    is True "$output"
}

# late_send LINE: a datagram that must not wait, after btnsd was stopped and LINE was run
late_send() {
    mock verdict=protected cache=0
    sends "import subprocess
place = '192.0.2.9'
s.setblocking(False)
stop()
$1
print(send())"
}

@test "BTNS_WAIT: a call that must not block gives a slow btnsd so many seconds, and one if the variable is wrong" {
    export BTNS_WAIT
    local answered
    BTNS_WAIT=60
    answered=$(late_send 'subprocess.Popen(["sh", "-c", "sleep 2; kill -CONT $(cat $BTNS_SOCKET_PATH.pid)"])')
    [[ $answered == 3 || $answered == ENETUNREACH ]] # without a route
    for BTNS_WAIT in '' 0 61 -1 2s 100000000060; do
        SECONDS=0
        is EAGAIN "$(late_send)"
        [ "$SECONDS" -lt 50 ]
    done
}

@test "btnsd hangs: listen() fails closed, soon" {
    run -0 --separate-stderr waits hangs-for-listen
    is 'ENETDOWN soon' "$output"
    [[ $stderr == *'btnsd did not answer in time'*'set BTNS_WAIT'* ]]
}

@test "btnsd hangs: close() and SO_ERROR do not wait for it, and the reason is said all the same" {
    run -0 --separate-stderr waits hangs-for-close fail=100
    is 'at once' "$output"
    [[ $stderr == 'btns: waits: 127.0.0.1:'*': the mock says so' ]]
}

@test "a socket that is closed is closed, whatever btnsd has not decided yet" {
    "$programs/waits" native closes >native
    waits closes fail=1000000 >shimmed
    diff native shimmed
    is 5 "$(grep -c '^0 events$' native)"
}

@test "a forked child has nothing open with which its parent's other threads wait" {
    run -0 waits forks-while-others-wait
    is $'the child has 1 of the shim\'s\nconnect: ECONNRESET' "$output" # the link, which it goes on using
}

@test "close() costs nothing once no connection is pending" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected cache=0 fail=1
    LD_PRELOAD=$shim strace -o trace "$programs/waits" shim closes-many
    is $'getppid\nopenat\nclose\ngetppid' "$(sed -n '/^getppid/,/^getppid/p' trace | cut -d'(' -f1 | head -n 20)"
}
