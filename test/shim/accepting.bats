# listen() and accept() under the shim: the questions and reports that btnsd gets. Against a mock of btnsd.

bats_require_minimum_version 1.5.0
load helpers

@test "a listener is asked about, with its port, before it listens" {
    mock verdict=denied error=13
    run -1 --separate-stderr with_shim "$programs/greeter" 127.0.0.1 1
    [[ ${stderr_lines[0]} == 'btns: greeter: 127.0.0.1:'*': the mock says so' ]]
    [[ ${stderr_lines[1]} == *'listen: Permission denied' ]]
    grep -q '^LISTEN local=127.0.0.1:[1-9][0-9]* remote=-:0 .* socket=same ' "$LOG"
}

shimmed_server_told() {
    LD_PRELOAD=$shim serve 127.0.0.1 2 "$1"
    "$programs/visitor" 127.0.0.1 "$port" count=2
    soon asked_is ACCEPTED "$2"
}

@test "accepted connections are told of, with both ends, to a btnsd that reads no memory of the program" {
    mock verdict=protected ring=0
    shimmed_server_told '' 2
    local from
    from=$(sed -n 's/^accepted //p' "$GREETED" | head -n 1)
    grep -q "^ACCEPTED local=127.0.0.1:$port remote=127.0.0.1:$from .* protocol=6 " "$LOG"
    is 1 "$(asked LISTEN)"
}

@test "a number that has got another listener is not taken for the one before: dup2(), close() and socket(), a passed one" {
    mock verdict=protected ring=0
    cat >swap.py <<'END'
import array, os, socket
def listener():
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    return s, s.getsockname()
def visit(s, to, n=3):
    for i in range(n):
        c = socket.create_connection(to)
        a, _ = s.accept()
        a.close()
        c.close()
    print(to[1])
first, to = listener()
visit(first, to)
other, to = listener()
os.dup2(other.fileno(), first.fileno())
visit(first, to)
number = first.fileno()
passed, there = listener()
ours, theirs = socket.socketpair()
ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [passed.fileno()]))])
os.close(number)
data = theirs.recvmsg(1, socket.CMSG_SPACE(4))[1][0][2]
assert array.array("i", data)[0] == number
visit(first, there)
first.detach()
os.close(number)
first = socket.socket()
first.bind(("127.0.0.1", 0))
first.listen()
visit(first, first.getsockname())
END
    run -0 with_shim /usr/bin/python3 swap.py
    settled
    is 4 "${#lines[@]}"
    for port in "${lines[@]}"; do is 3 "$(grep -c "^ACCEPTED local=127.0.0.1:$port " "$LOG")"; done
}

@test "connections are counted in memory that is shared with btnsd: a warm accept() costs no system call" {
    command -v strace >/dev/null || skip "no strace"
    mock verdict=protected
    printf '%s\n' 'import socket, os' 's = socket.socket()' 's.bind(("127.0.0.1", 0))' 's.listen(64)' \
        'def all(n):' '    c = [socket.create_connection(s.getsockname()) for i in range(n)]' '    os.getppid()' \
        '    for i in range(n): s.accept()[0].close()' '    os.getppid()' 'all(20)' 'all(20)' >many.py
    with_shim strace -o trace /usr/bin/python3 many.py
    # the calls of the second round that are not made without the shim
    awk '/^getppid/ { n++ } n == 3' trace | cut -d'(' -f1 | sort | uniq -c >shimmed
    strace -o trace /usr/bin/python3 many.py
    awk '/^getppid/ { n++ } n == 3' trace | cut -d'(' -f1 | sort | uniq -c >native
    is "$(<native)" "$(<shimmed)"
    settled
    is 40 "$(asked ACCEPTED)" # some of the first ones may be sent as messages, before btnsd reads the memory
    [ "$(grep -c '^ACCEPTED local=-:0 remote=-:0 ' "$LOG")" -ge 20 ]
}

# in_accept PID: it waits in accept() or accept4(), by their numbers on any processor
in_accept() { grep -qE '^(43|288|202|242) ' "/proc/$1/syscall"; }

@test "if btnsd stops reading while a program waits in accept(), a message follows the count" {
    mock verdict=protected
    LD_PRELOAD=$shim serve 127.0.0.1 2
    soon grep -q ^RING "$LOG"
    "$programs/visitor" 127.0.0.1 "$port"
    soon asked_is ACCEPTED 1
    soon in_accept "$(tail -n 1 pids)"
    pkill -USR2 -P "$(<"$BTNS_SOCKET_PATH.pid")"
    soon grep -q ^STOPPED "$LOG"
    "$programs/visitor" 127.0.0.1 "$port"
    settled
    is 3 "$(asked ACCEPTED)" # the message, and at the end the count
    is 2 "$(grep -n ^ "$LOG" | sed -n '/:STOPPED/,$p' | grep -c ACCEPTED)"
}

@test "a forked child names what it accepts: the memory is its parent's" {
    mock verdict=protected
    printf '%s\n' 'import os, socket, time' 's = socket.create_server(("127.0.0.1", 0))' \
        'while not any(l.startswith("RING") for l in open(os.environ["LOG"])): time.sleep(0.02)' \
        'def visit():' '    c = socket.create_connection(s.getsockname()); s.accept()' \
        'visit()' 'if os.fork() == 0: visit(); os._exit(0)' 'os.wait(); visit()' >fork.py
    run -0 with_shim /usr/bin/python3 fork.py
    settled
    is 3 "$(asked ACCEPTED)"
    is 1 "$(grep -c '^ACCEPTED local=127.0.0.1:' "$LOG")"
}

@test "a number that became a listener's unseen is noticed with its 32nd connection at the latest" {
    [ "$(uname -m)" = x86_64 ] || skip "the system call that nobody sees is written for x86_64"
    mock verdict=protected
    cat >unseen.py <<'END'
import ctypes, mmap, socket
local = socket.socket(socket.AF_UNIX)
listener = socket.create_server(("127.0.0.1", 0))
memory = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
memory.write(bytes.fromhex("48c7c0210000000f05c3")) # mov $SYS_dup2, %rax; syscall; ret
raw_dup2 = ctypes.CFUNCTYPE(ctypes.c_long, ctypes.c_int, ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))
number = local.detach()
assert raw_dup2(listener.fileno(), number) == number
s = socket.socket(fileno=number)
for i in range(32):
    c = socket.create_connection(listener.getsockname())
    s.accept()[0].close()
END
    run -0 with_shim /usr/bin/python3 unseen.py
    settled
    is 1 "$(asked MAYACCEPT)"
}

@test "a forked child tells of what it accepts on its parent's listener" {
    mock verdict=protected
    shimmed_server_told fork 2
}

@test "another program asks about an inherited listener, once, and tells of what it accepts" {
    mock verdict=protected
    shimmed_server_told exec 2
    is 2 "$(asked LISTEN)"
    is 0 "$(asked MAYACCEPT)"
}

# older VERDICT: a server that inherits its listener with two connections in it, which are older than its question; a
# third comes later. The file got has what each of them read.
older() {
    mock verdict=protected older="$1"
    printf '%s\n' 'import os, socket, sys' \
        's = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(8); s.set_inheritable(True); r, w = os.pipe()' \
        'def read(c):' '    try: return c.recv(9).decode().strip() or "end"' '    except OSError as e: return "reset"' \
        'if os.fork() == 0:' '    before = [socket.create_connection(s.getsockname()) for _ in range(2)]' \
        '    os.write(w, b"x"); got = [read(c) for c in before]' \
        '    got.append(read(socket.create_connection(s.getsockname())))' '    open("got", "w").write(" ".join(got) + "\n"); os._exit(0)' \
        'os.read(r, 1); os.environ["LD_PRELOAD"] = sys.argv[1]' \
        'os.execv(sys.argv[2], ["greeter", "inherited", "0", str(s.fileno())])' >inherit.py
    python3 inherit.py "$shim" "$programs/greeter" >"$GREETED" 2>said </dev/null 3>&- &
    echo $! >>pids
    soon test -s got
}

@test "an inherited listener: a connection older than its floor is closed if the rule does not allow it" {
    older denied
    is 'end end hello' "$(<got)" # the third is younger: the kernel has let it in
    is 1 "$(grep -c ^accepted "$GREETED")"
    grep -q '^btns: greeter: 127.0.0.1:.*: the mock says so$' said
    is 2 "$(asked MAYACCEPT)"
    is 1 "$(asked LISTEN)"
}

@test "an inherited listener: a connection older than its floor is accepted if the rule allows it" {
    older protected
    is 'hello hello hello' "$(<got)"
    is 2 "$(asked MAYACCEPT)"
}

# inherits VERDICT [COOKIE]: a program that inherits, as from inetd, a connection with data in it on descriptor 0
inherits() {
    mock verdict=protected older="$1"
    cat >inherit.py <<'END'
import os, socket, sys
l = socket.create_server(("127.0.0.1", 0)); c = socket.create_connection(l.getsockname()); s, _ = l.accept()
c.sendall(b"a secret\n"); c.shutdown(socket.SHUT_WR)
cookie = int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
if os.fork() == 0:
    os.dup2(s.fileno(), 0)
    os.environ.update(LD_PRELOAD=sys.argv[1], BTNS_SOCKETS="0:%x" % (cookie + int(sys.argv[2])))
    os.execvp("cat", ["cat"])
os.wait()
END
    run -0 --separate-stderr python3 inherit.py "$shim" "${2:-0}" 3>&-
    settled
}

@test "an inherited connection: what came before the program asked is not read if the rule does not allow it" {
    inherits denied
    is '' "$output"
    [[ $stderr == *'btns: cat: 127.0.0.1:'*': the mock says so'* ]]
    is 1 "$(asked MAYACCEPT)"
    is 0 "$(asked ACCEPTED)"
}

@test "an inherited connection is the program's if the rule allows it, and btnsd is told" {
    inherits protected
    is 'a secret' "$output"
    is 1 "$(asked MAYACCEPT)"
    is 1 "$(asked ACCEPTED)"
}

@test "an inherited connection: another socket on its number is not taken for it" {
    inherits denied 1
    is 'a secret' "$output"
    is 0 "$(asked MAYACCEPT)"
}

@test "an inherited listener is asked about before the program runs" {
    mock verdict=protected
    run -0 python3 -c 'import os, socket, sys
s = socket.create_server(("127.0.0.1", 0)); s.set_inheritable(True)
cookie = int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
os.environ.update(LD_PRELOAD=sys.argv[1], BTNS_SOCKETS="%d:%x" % (s.fileno(), cookie))
os.execvp("true", ["true"])' "$shim" 3>&-
    is 1 "$(asked LISTEN)"
}

# inherits_datagrams VERDICT [PEER]: one datagram came before the program runs; the program prints the datagrams that it
# gets, and whether it may send
inherits_datagrams() {
    mock verdict="$1" error=126
    cat >send.py <<'END'
import socket, sys
socket.socket(fileno=int(sys.argv[1])).sendto(b"after", ("127.0.0.1", int(sys.argv[2])))
END
    cat >hear.py <<'END'
import os, socket, subprocess, sys
s = socket.socket(fileno=int(sys.argv[1]))
os.environ.pop("LD_PRELOAD")
subprocess.run(["python3", "send.py", sys.argv[2], str(s.getsockname()[1])], pass_fds=[int(sys.argv[2])])
s.setblocking(False)
try:
    while True: print(s.recv(9).decode())
except BlockingIOError: pass
try: s.send(b""); print("sent")
except OSError as e: print(e.errno)
END
    cat >inherit.py <<'END'
import os, socket, sys
s, other = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for i in "ab")
for u in s, other: u.bind(("127.0.0.1", 0))
if len(sys.argv) > 2: s.connect(other.getsockname())
other.sendto(b"before", s.getsockname())
for u in s, other: u.set_inheritable(True)
cookie = int.from_bytes(s.getsockopt(socket.SOL_SOCKET, 57, 8), sys.byteorder)
os.environ.update(LD_PRELOAD=sys.argv[1], BTNS_SOCKETS="%d:%x" % (s.fileno(), cookie))
os.execvp("python3", ["python3", "hear.py", str(s.fileno()), str(other.fileno())])
END
    run -0 --separate-stderr python3 inherit.py "$shim" ${2:+"$2"} 3>&-
}

@test "an inherited datagram socket is asked about before the program runs, which hears nothing that came before" {
    inherits_datagrams clear
    is $'before\nafter\n89' "$output" # EDESTADDRREQ
    is 1 "$(asked LISTEN)"
    inherits_datagrams protected
    is $'after\n89' "$output"
    inherits_datagrams denied
    is 89 "$output"
    [[ $stderr == *'btns: python3: 127.0.0.1:'*': the mock says so'* ]]
}

@test "an inherited datagram socket that is connected keeps its peer only if the rule allows it" {
    inherits_datagrams protected peer
    is $'before\nafter\nsent' "$output"
    grep -q '^CONNECT .*protocol=17' "$LOG"
    inherits_datagrams denied peer
    is 89 "$output"
}

@test "connections to a clear listener are nobody's business" {
    mock verdict=clear
    shimmed_server_told '' 0
    settled
    is 0 "$(asked ACCEPTED)"
}

@test "accept does not fail, and does not wait, when btnsd has gone" {
    mock verdict=protected
    LD_PRELOAD=$shim serve 127.0.0.1 2
    unmock
    run -0 "$programs/visitor" 127.0.0.1 "$port" count=2
    is $'ok\nok' "$output"
    soon eval '[ "$(grep -c "^accepted [0-9]*$" "$GREETED")" = 2 ]' # and errno is as it was
}
