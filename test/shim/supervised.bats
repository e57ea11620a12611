#!/usr/bin/env bats
# btns-run as the supervisor of a program: what the shim does not reach is asked about, or refused.

bats_require_minimum_version 1.5.0
load helpers
load supervision

# as_nobody COMMAND...
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# ---- the shim and the supervisor together

@test "--require: what the shim asks about passes the filter, so btnsd is asked once" {
    mock verdict=protected
    serve
    supervised --require "$programs/visitor" 127.0.0.1 "$port" count=3
    [ "$(asked SPEAK)" -eq 0 ]
    [ "$(asked CONNECT)" -eq 1 ] # the others are warm
}

@test "--require: children without the shim, and calls past it, are asked about" {
    mock verdict=denied error=126
    serve
    for command in "env -i $programs/visitor 127.0.0.1 $port" "$programs/visitor-static 127.0.0.1 $port" \
        "$programs/raw 127.0.0.1 $port"; do
        : >"$LOG"
        supervised --require sh -c "$command" >out 2>&1 || true
        cat out
        grep -qE 'ENOKEY|Required key not available' out
        [ "$(asked SPEAK)" -eq 1 ]
    done
    ! grep accepted "$GREETED"
}

@test "--require: calls that a library looks up in libc itself (ctypes) are asked about" {
    mock verdict=denied error=126
    serve
    run -0 supervised --require /usr/bin/python3 -c '
import ctypes, socket, struct, sys
libc = ctypes.CDLL("libc.so.6", use_errno=True)
s = socket.socket()
a = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(int(sys.argv[1])), bytes([127, 0, 0, 1]))
print(libc.connect(s.fileno(), a, len(a)), ctypes.get_errno())' "$port"
    [[ $output == *"-1 126" ]]
}

@test "--require: what cannot be protected does not leave, and is said once" {
    mock verdict=denied error=126
    for program in leaves leaves-static; do
        away_from_loopback timeout 100 "$runner" --require "$programs/$program" 192.0.2.1 53 >left 2>said
        ways ENOKEY sendto sendto-unspec sendmsg sendmmsg udp-connect udp-bind
        ways EDESTADDRREQ udp-send
        ways ok netlink
        ways EACCES raw icmp icmp-datagram udplite sctp packet vsock
        ways ENOSYS io_uring
        ways ENOPROTOOPT fastopen-connect
        grep -q "btns: $program: ICMP cannot be protected" said
    done
}

# ---- like the program itself

@test "exit status, death by a signal, and signals that somebody sends" {
    mock
    for want in 0 1 125 255; do
        run supervised --supervise sh -c "exit $want"
        [ "$status" -eq "$want" ]
    done
    run supervised --supervise sh -c 'kill -KILL $$'
    [ "$status" -eq 137 ]
    "$runner" --supervise bash -c 'trap "echo got it >got; exit 3" USR1; echo $$ >ready; while :; do sleep 0.05; done' &
    runner_pid=$!
    soon test -s ready
    kill -USR1 "$runner_pid"
    status=0
    wait "$runner_pid" || status=$?
    [ "$status" -eq 3 ]
    grep -q 'got it' got
}

@test "killing btns-run kills the program, as if it were that" {
    mock
    "$runner" --supervise bash -c 'echo $$ >ready; while :; do sleep 0.05; done' &
    runner_pid=$!
    soon test -s ready
    kill -KILL "$runner_pid"
    wait "$runner_pid" || true
    ended "$(<ready)"
}

@test "job control: the job stops when the program does, and goes on with it" {
    mock
    cat >job <<'END'
set -m
"$1" --supervise bash -c 'echo $$ >ready; kill -STOP $$; echo on >on'
echo "stopped with $?"
fg >/dev/null
echo "ended with $?"
END
    run -0 timeout 100 bash job "$runner"
    is 'stopped with 147
ended with 0' "$(grep with <<<"$output")"
    [ -s on ]
}

@test "a daemon that the program leaves behind stays supervised; nobody waits for its output" {
    mock verdict=denied error=126
    serve
    # The command substitution ends when nobody has its pipe any more.
    out=$(timeout 100 "$runner" --supervise sh -c "(until [ -e go ]; do sleep 0.05; done; $programs/visitor-static 127.0.0.1 $port >late 2>&1) >/dev/null 2>&1 & echo started")
    is started "$out"
    touch go
    soon grep -q ENOKEY late
}

@test "socket activation's variables name the program's process" {
    mock
    run -0 timeout 100 bash -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --supervise sh -c "echo \$LISTEN_PID \$\$"' "$runner"
    [ "${output% *}" = "${output#* }" ]
}

@test "without privilege: no_new_privs, and the same protection" {
    [[ $EUID -eq 0 ]] || skip "must be root"
    mock verdict=denied error=126
    serve
    chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"/.. || true
    cp "$runner" "$shim" "$programs/visitor" . # the tree may lie where nobody may not look
    runner=$PWD/btns-run
    run as_nobody timeout 100 "$runner" --require sh -c "env -i ./visitor 127.0.0.1 $port; grep NoNewPrivs /proc/self/status"
    [[ $output == *ENOKEY*"NoNewPrivs:"*1 ]]
    cp /usr/bin/id other-id
    chmod 4755 other-id
    run -0 --separate-stderr as_nobody timeout 100 "$runner" --require sh -c './other-id -u'
    is 65534 "$output"
    run as_nobody "$runner" --check --require true # it is said before
    [[ $output == *"set-user-ID programs gain nothing under it"* ]]
    run "$runner" --check --require true
    [[ $output != *"gain nothing"* ]]
}

@test "nested: the outer one supervises; a stricter inner one is refused, as there is one supervisor only" {
    mock verdict=denied error=126
    serve
    run -0 supervised --require "$runner" --require --verbose sh -c "env -i $programs/visitor 127.0.0.1 $port"
    [[ $output == *"the outer btns-run as supervisor"*ENOKEY* ]]
    run -125 supervised --supervise "$runner" --require true
    [[ $output == *"give the outer one --require"* ]]
}

@test "nested: a static program is asked about under the policy of the inner --policy, and one beside it is not" {
    mock verdict=protected
    serve
    echo rules >inner
    supervised --supervise sh -c "'$runner' --policy inner '$programs/visitor-static' 127.0.0.1 $port
        '$runner' --policy inner env -u BTNS_MARK '$programs/visitor-static' 127.0.0.1 $port
        '$programs/visitor-static' 127.0.0.1 $port"
    is '0xabcdef0123456789 0 0' "$(grep -o '^CONNECT .*policy=[^ ]*' "$LOG" | sed 's/.*policy=//' | xargs)"
}

@test "the supervisor dies: this is said, connections fail from then on, nothing leaves" {
    mock verdict=clear
    serve
    cat >orphan <<END
kill -KILL \$PPID
until grep -q "btns: sh: btns-run's supervisor was killed" said; do sleep 0.05; done
$programs/visitor-static 127.0.0.1 $port
END
    timeout 60 "$runner" --supervise sh orphan >out 2>said
    grep ENOSYS out
    [ "$(wc -l <said)" -eq 1 ]
    ! grep accepted "$GREETED"
}

# ---- attacks

@test "16 threads that connect, in processes that are killed each millisecond: the next one is served" {
    mock verdict=clear
    serve
    run -0 supervised "$programs/storm-static" 127.0.0.1 "$port" 100
    is ok "$output"
    soon eval '! pgrep -f "$programs/storm-static"' # and no supervisor is left behind
}

@test "more connections than the supervisor can wait for at once: the rest are refused, with a word, and when they are killed the next is served" {
    mock verdict=clear delay=60000
    serve
    cat >crowd.py <<'END'
import ctypes, os, signal, socket, struct, sys, threading
libc = ctypes.CDLL("libc.so.6", use_errno=True)
threading.stack_size(65536)
first = threading.Lock()
a = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(int(sys.argv[1])), bytes([127, 0, 0, 1]))
def connect():
    s = socket.socket()
    libc.connect(s.fileno(), a, len(a))
    first.acquire()
    os.write(1, b"refused: %d\n" % ctypes.get_errno())
    os.kill(os.getpid(), signal.SIGKILL)
for i in range(1040):
    threading.Thread(target=connect).start()
signal.pause()
END
    run -0 --separate-stderr supervised --supervise sh -c \
        "env -i /usr/bin/python3 crowd.py $port; echo \$?; $(restart verdict=clear); exec $programs/visitor-static 127.0.0.1 $port"
    is 'refused: 11
137
ok' "$output"
    [[ $stderr == *'too many connections wait for btnsd at once: refused'* ]]
}

@test "a fork bomb: no process is let go unasked, also when its user can have no more of them" {
    [[ $EUID -eq 0 ]] || skip "must be root"
    mock verdict=denied error=126
    serve
    cat >bomb.py <<'END'
import errno, os, socket, sys
while True:
    try:
        os.fork()
    except OSError:
        os.write(1, b"full\n")
    with socket.socket() as s:
        code = s.connect_ex(("127.0.0.1", int(sys.argv[1])))
    os.write(1, b"%s\n" % errno.errorcode.get(code, "none").encode())
END
    chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"/.. || true
    cp "$runner" "$shim" .
    # A user of its own, as others' processes would count; a namespace, whose end is theirs.
    unshare -pf --mount-proc --kill-child sh -c '"$@"; exit' _ setpriv --reuid=64321 --regid=64321 --clear-groups bash -c 'ulimit -u 60; exec "$@"' _ \
        "$PWD/btns-run" --require env -i /usr/bin/python3 bomb.py "$port" >bombed 2>said 3>&- &
    bomb=$!
    echo $bomb >>pids
    soon eval 'grep -q ENOKEY bombed && (($(grep -c full bombed) > 100))' # the supervisor gets no more threads either
    (($(asked CONNECT) > 0))
    kill -KILL $bomb
    soon eval '! pgrep -u 64321 >/dev/null'
    cat said
    ! grep -vE '^(full|ENOKEY|EAGAIN|ENETDOWN|ENOSYS)$' bombed
    ! grep accepted "$GREETED"
}

@test "threads with descriptors of their own, and one that outlives the first thread, are asked about with their own socket" {
    mock verdict=denied error=126
    serve
    cat >apart.py <<'END'
import ctypes, errno, os, socket, struct, sys, threading
libc = ctypes.CDLL("libc.so.6", use_errno=True)
a = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(int(sys.argv[1])), socket.inet_aton("127.0.0.1"))
number = os.open("/dev/null", os.O_RDONLY)
unshared, exchanged = threading.Event(), threading.Event()
def connect():
    libc.connect(number, a, len(a))
    os.write(1, errno.errorcode.get(ctypes.get_errno(), "ok").encode() + b"\n")
def apart():
    libc.unshare(0x400) # CLONE_FILES
    with socket.socket() as s:
        os.dup2(s.fileno(), number)
    unshared.set()
    exchanged.wait()
    connect()
t = threading.Thread(target=apart)
t.start()
unshared.wait()
with socket.socket(socket.AF_UNIX) as s:
    os.dup2(s.fileno(), number) # the first thread's, which nobody has to ask about
exchanged.set()
t.join()
with socket.socket() as s:
    os.dup2(s.fileno(), number)
first = threading.main_thread().native_id
def outlive():
    while open(f"/proc/self/task/{first}/stat").read().split(") ")[1][0] != "Z":
        pass
    connect()
    os._exit(0)
threading.Thread(target=outlive).start()
libc.syscall(60, 0) # exit(), of this thread alone
END
    run -0 --separate-stderr supervised --supervise env -i /usr/bin/python3 apart.py "$port"
    # Linux before 6.9 gives no descriptor of such threads: EBADF.
    [[ $output =~ ^(ENOKEY|EBADF)$'\n'(ENOKEY|ENETDOWN|EBADF)$ ]]
    ! grep accepted "$GREETED"
}

@test "while the supervisor is stopped, calls wait, and their program can be killed" {
    mock verdict=clear
    serve
    cat >stopped <<END
parent=\$PPID
kill -STOP \$parent
$programs/visitor-static 127.0.0.1 $port >late & visitor=\$!
until grep -q seccomp_do_user_notification /proc/\$visitor/wchan /proc/\$visitor/stack 2>/dev/null; do sleep 0.05; done
[ ! -s late ] && echo it waits
kill -KILL \$visitor
wait \$visitor
echo killed: \$?
$programs/visitor-static 127.0.0.1 $port >late & visitor=\$!
kill -CONT \$parent
wait \$visitor
cat late
END
    run -0 --separate-stderr supervised --supervise sh stopped
    is 'it waits
killed: 137
ok' "$output"
}

@test "a signal ends a connect() that waits for btnsd: EINTR, as natively, and with SA_RESTART it goes on" {
    mock verdict=clear delay=3000
    serve
    cat >signals.py <<'END'
import ctypes, os, signal, socket, struct, sys, threading
libc = ctypes.CDLL("libc.so.6", use_errno=True)
def connect():
    s = socket.socket()
    a = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(int(sys.argv[1])), bytes([127, 0, 0, 1]))
    return libc.connect(s.fileno(), a, len(a)) and ctypes.get_errno()
signal.signal(signal.SIGALRM, lambda *a: None)
for restart in (False, True):
    signal.siginterrupt(signal.SIGALRM, not restart)
    signal.setitimer(signal.ITIMER_REAL, 1)
    print(connect())
END
    run -0 supervised --supervise /usr/bin/python3 signals.py "$port"
    is '4
0' "$output"
}
