# Calls that the shim covers besides the usual socket calls: options, rcmd(), syscall(). Against a mock of btnsd.

bats_require_minimum_version 1.5.0
load helpers

@test "TCP_FASTOPEN_CONNECT is refused, as the first packet would leave long after the verdict" {
    mock verdict=protected
    serve
    run -0 habit opens-late
    is $'ENOPROTOOPT\nok\nok' "$output"
    BTNS_MODE=bypass run -0 habit opens-late
    is $'ok\nok\nok' "$output"
}

@test "keys of TCP-AO, which the kernel tells to whoever has the socket, are not for the program (O87)" {
    mock verdict=protected
    # A mock of libc below the shim: as if the kernel returned them.
    gcc -x c -shared -fPIC -o tells.so - <<<'int getsockopt(int fd, int level, int name, void *value, unsigned *len) { return 0; }'
    cat >asks.py <<'END'
import ctypes, errno, socket
libc, s = ctypes.CDLL(None, use_errno=True), socket.socket()
for option in 41, 40:
    print(errno.errorcode[ctypes.get_errno()] if libc.getsockopt(s.fileno(), 6, option, None, None) else "told")
END
    LD_PRELOAD=$shim:$PWD/tells.so run -0 python3 asks.py
    is $'ENOPROTOOPT\ntold' "$output"
}

# unsigns: a program that sets a key of TCP-MD5, and removes it; and one of TCP-AO, by libc and by the system call's number.
unsigns() {
    cat >unsigns.py <<'END'
import ctypes, errno, socket, struct
libc, s = ctypes.CDLL(None, use_errno=True), socket.socket()
peer = struct.pack("H2x4s", socket.AF_INET, socket.inet_aton("192.0.2.1")).ljust(128, b"\0")
def md5(secret): return peer + struct.pack("BBHI80s", 0, 0, len(secret), 0, secret)
def say(fd, option, value):
    for call in libc.setsockopt, lambda *a: libc.syscall(54, *a):
        print("ok" if call(fd, 6, option, value, len(value)) == 0 else errno.errorcode[ctypes.get_errno()], end=" ")
say(s.fileno(), 14, md5(b"secret"))
say(s.fileno(), 14, md5(b""))
say(s.fileno(), 32, md5(b""))
say(s.fileno(), 14, b"")
say(-1, 39, b"")
say(-1, 38, b"")
END
}
kept='ok ok ENOPROTOOPT ENOPROTOOPT ENOPROTOOPT ENOPROTOOPT EINVAL EINVAL ENOPROTOOPT ENOPROTOOPT EBADF EBADF '

@test "a program cannot remove a key of TCP-MD5 or TCP-AO from its socket (O87)" {
    [[ $(uname -m) == x86_64 ]] || skip "the number of setsockopt is x86_64's"
    mock verdict=protected
    unsigns
    run -0 with_shim python3 unsigns.py
    is "$kept" "$output"
    # Under the supervisor, the program that btns-run starts has no shim.
    run -0 "${shim%/*}/btns-run" --supervise env -u LD_PRELOAD python3 unsigns.py
    is "$kept" "$output"
    run -0 python3 unsigns.py
    is 'ok ok ok ENOENT ENOENT ENOENT EINVAL EINVAL EBADF EBADF EBADF EBADF ' "$output"
}

@test "a listener whose port is chosen late has one before it is asked about" {
    mock verdict=protected
    run -0 with_shim "$programs/habits" listens-late 127.0.0.1 0
    is $'ok\na port\nstill late' "$output"
    is 4 "$(grep -c '^LISTEN local=[^ ]*:[1-9][0-9]* ' "$LOG")"
}

@test "rcmd() and rexec() ask before libc connects, and btnsd hears of the connection" {
    mock verdict=denied error=113
    run -0 --separate-stderr habit runs-remotely
    is $'EHOSTUNREACH\nEHOSTUNREACH' "$output"
    is 2 "$(asked CONNECT)"
    mock verdict=protected
    python3 -c '
import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen()
print("port", s.getsockname()[1], flush=True)
kept = []
while True:
    kept.append(s.accept()[0]); kept[-1].send(b"\0")' >"$GREETED" 3>&- </dev/null &
    echo $! >>pids
    soon grep -q ^port "$GREETED"
    port=$(sed -n 's/^port //p' "$GREETED")
    run -0 --separate-stderr habit runs-remotely
    is $'ok\nok' "$output"
    settled
    is 1 "$(asked CONNECT)" # the other is warm
    is 3 "$(asked CONNECTING)" # and of each of the two connections btnsd is told
}

@test "syscall() is covered where its calls are" {
    mock verdict=protected
    serve
    run -0 habit calls-by-number
    is $'connect ok\nsendto ok\nsendmsg ok\nlisten ok\naccept ok\naccept4 ok' "$output"
    settled
    is 3 "$(($(asked CONNECT) + $(asked CONNECTING)))"
    is 1 "$(asked LISTEN)"
    is 2 "$(asked ACCEPTED)"
}
