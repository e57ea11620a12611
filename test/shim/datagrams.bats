# Datagrams under the shim: when btnsd is asked about them, and what a refusal does. Against a mock of btnsd.

bats_require_minimum_version 1.5.0
load helpers

@test "a local socket, and a raw one, are none of btnsd's business" {
    mock
    with_shim python3 -c '
import socket
a = socket.socket(socket.AF_UNIX); a.bind("u"); a.listen()
b = socket.socket(socket.AF_UNIX); b.connect("u"); a.accept()
c = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM); c.bind("d"); c.sendto(b"", "d")
try: socket.socket(socket.AF_INET, socket.SOCK_RAW, 99).sendto(b"", ("127.0.0.1", 0))
except PermissionError: pass'
    is 0 "$(wc -l <"$LOG")"
}

@test "datagrams: btnsd is asked at connect(), before the first to an address, and at a bind() to a port" {
    mock verdict=clear
    with_shim python3 -c '
import socket
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp().connect(("127.0.0.1", 9))
udp().sendto(b"", ("127.0.0.1", 9))
udp().sendmsg([b""], [], 0, ("127.0.0.1", 9))
udp().bind(("127.0.0.1", 0))
s = udp()
s.bind(("127.0.0.1", 5999))
import subprocess
subprocess.run(["bash", "-c", "echo heard >/dev/udp/127.0.0.1/5999"], env={})
assert s.recv(100) == b"heard\n"'
    is 3 "$(asked CONNECT)"
    is 1 "$(asked LISTEN)"
}

@test "datagrams: who is refused gets btnsd's errno, sends nothing, and hears nothing" {
    mock verdict=denied error=126
    run -0 with_shim python3 -c '
import socket, errno
def udp(): return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
def tried(call, *args):
    try: print(call.__name__, call(*args))
    except OSError as e: print(call.__name__, errno.errorcode[e.errno])
tried(udp().connect, ("127.0.0.1", 9))
tried(udp().sendto, b"x", ("127.0.0.1", 9))
tried(udp().sendmsg, [b"x"], [], 0, ("127.0.0.1", 9))
s = udp()
tried(s.bind, ("127.0.0.1", 5998))
import subprocess
subprocess.run(["bash", "-c", "echo heard >/dev/udp/127.0.0.1/5998"], env={}) # without the shim
s.setblocking(False)
tried(s.recv, 100)
import ctypes, struct
libc = ctypes.CDLL(None, use_errno=True)
raw = struct.pack("=HH4s8x", 0, socket.htons(9), bytes([127, 0, 0, 1]))
last = udp()
print("unspecified", libc.sendto(last.fileno(), b"x", 1, 0, raw, len(raw)), errno.errorcode[ctypes.get_errno()])
'
    is 'connect ENOKEY
sendto ENOKEY
sendmsg ENOKEY
bind ENOKEY
recv EAGAIN
unspecified -1 ENOKEY' "$(grep -v '^btns: ' <<<"$output")"
}

# Calls of libc with datagrams for python: many(fd, flags, addresses), and the address of a port.
datagrams='
import socket, ctypes, struct, errno, mmap
libc = ctypes.CDLL(None, use_errno=True)
kept = []
def udp(family=socket.AF_INET):
    kept.append(socket.socket(family, socket.SOCK_DGRAM))
    return kept[-1]
def to(port, family=socket.AF_INET): return struct.pack("=HH4s8x", family, socket.htons(port), bytes([127, 0, 0, 1]))
def messages(addresses):
    keep = [ctypes.create_string_buffer(a, max(len(a), 1)) for a in addresses]
    return keep, b"".join(struct.pack("@PI4xPNPNi4xI4x", ctypes.addressof(k), len(a), 0, 0, 0, 0, 0, 0) for k, a in zip(keep, addresses))
def many(fd, flags, *addresses):
    keep, raw = messages(addresses)
    sent = libc.sendmmsg(fd, raw, len(addresses), flags)
    print(sent, errno.errorcode[ctypes.get_errno()] if sent < 0 else "")
'

@test "datagrams: each message of sendmmsg() is asked about, whatever the one before it names" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
many(udp().fileno(), 0, to(9), to(10), to(11))
connected = udp(socket.AF_INET6)
connected.connect(("::ffff:127.0.0.1", 9))
many(connected.fileno(), 0, struct.pack("=H14x", socket.AF_UNSPEC), to(10), to(11))
many(connected.fileno(), 0, b"", to(12))
many(udp().fileno(), socket.MSG_FASTOPEN, to(9), to(10))
many(udp().fileno(), socket.MSG_FASTOPEN, to(9, socket.AF_UNSPEC))'
    is 10 "$(asked CONNECT)"
}

@test "datagrams: sendmmsg() reads no more messages than the kernel" {
    mock verdict=clear
    run -0 with_shim python3 -c "$datagrams"'
keep, raw = messages([to(9)] * 1024)
room = 1 << 18
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
area = libc.mmap(None, room, 3, 0x22, -1, 0)
libc.mprotect(ctypes.c_void_p(area + room // 2), room // 2, 0)
start = area + room // 2 - len(raw)
ctypes.memmove(start, raw, len(raw))
print(libc.sendmmsg(udp().fileno(), ctypes.c_void_p(start), 1 << 20, 0))'
    is 1024 "$output"
}

@test "datagrams: a verdict is kept until the socket has another address of its own" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
s = udp()
def twice(): s.sendto(b"", ("127.0.0.1", 9)); s.sendto(b"", ("127.0.0.1", 9))
twice()
s.connect(("127.0.0.1", 10))
twice()
raw = to(0, socket.AF_UNSPEC)
assert libc.connect(s.fileno(), raw, len(raw)) == 0
twice()
assert libc.connect(s.fileno(), raw, len(raw)) == 0
s.bind(("127.0.0.2", 0))
twice()'
    is 5 "$(asked CONNECT)"
}

@test "datagrams: a verdict is not kept when the address changes by another number, or in another process" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
import os
def send(s): s.sendto(b"", ("127.0.0.1", 9))
s = udp()
send(s); send(s)
other = s.dup()
other.connect(("127.0.0.1", 10))                 # asked about, too
send(s); send(s)'
    is 3 "$(asked CONNECT)"
    : >"$LOG"
    with_shim python3 -c "$datagrams"'
import os
s = udp()
def send(): s.sendto(b"", ("127.0.0.1", 9))
send()
if not os.fork():
    s.connect(("127.0.0.1", 10))
    os._exit(0)
os.wait()
send(); send()'
    settled
    is 3 "$(asked CONNECT)"
    : >"$LOG"
    python3 -c "$datagrams"'
import os, subprocess, sys
s = udp()
s.set_inheritable(True)
os.execvpe("python3", ["python3", "-c", """
import os, socket, sys
s = socket.socket(fileno=int(sys.argv[1]))
def send(): s.sendto(b"", ("127.0.0.1", 9))
send(); send(); send()
s.connect(("127.0.0.1", 10))
send(); send()
""", str(s.fileno())], dict(os.environ, LD_PRELOAD=sys.argv[1]))' "$shim"
    is $((2 + 1 + 1)) "$(asked CONNECT)" # the first one gave it a port
}

@test "datagrams: --require without a supervisor lets no question to a name server go unasked" {
    mock verdict=clear
    BTNS_MODE=require with_shim python3 -c "$datagrams"'
udp().sendto(b"", ("127.0.0.1", 53))'
    (($(sed -n 's/^CONNECT .*remote=127.0.0.1:53 flags=\(0x[0-9a-f]*\) .*/\1/p' "$LOG") & 2)) # BTNS_F_REQUIRE
    unmock
    for mark in '' 123456789abcdef; do # a mark that another supervisor has left
        away_from_loopback env BTNS_MODE=require BTNS_MARK=$mark LD_PRELOAD="$shim" python3 -c "$datagrams"'
for call in (lambda s: s.sendto(b"", ("192.0.2.1", 53))), (lambda s: s.connect(("192.0.2.1", 53))):
    try: call(udp()); print("went")
    except OSError as e: print(errno.errorcode[e.errno])' >out 2>said
        is $'ENETDOWN\nENETDOWN' "$(<out)"
    done
}

@test "datagrams: bind() with an address without a family is asked about, as it binds" {
    mock verdict=clear
    with_shim python3 -c "$datagrams"'
raw = struct.pack("=HH4s8x", socket.AF_UNSPEC, socket.htons(5997), bytes(4))
assert libc.bind(udp().fileno(), raw, len(raw)) == 0'
    is 1 "$(asked LISTEN)"
}

# once_refused PYTHON: runs it under a kernel that refuses the first sendto(), as if the datagram's SA had just been
# deleted. Prints the program's output.
once_refused() {
    with_shim strace -f -o trace -e trace=sendto -e inject=sendto:error=EINVAL:when=1 python3 -c "$datagrams"'
def send(flags=0):
    try:
        print(udp().sendto(b"x", flags, ("127.0.0.1", 9)))
    except OSError as e:
        print(errno.errorcode[e.errno])
'"$1"
}

@test "datagrams: nothing is sent once more where the kernel may have dropped the first part of a datagram" {
    command -v strace >/dev/null || skip "no strace"
    local part
    for part in 'send(socket.MSG_MORE)' 'udp().sendmsg([b"x"], [], socket.MSG_MORE, ("127.0.0.1", 9)); send()' \
        'many(udp().fileno(), socket.MSG_MORE, to(9)); send()' 'UDP_CORK = 1; udp().setsockopt(socket.IPPROTO_UDP, UDP_CORK, 1); send()'; do
        mock verdict=clear
        is EINVAL "$(once_refused "$part" | grep -v '^1 $')"
        is 1 "$(grep -c 'sendto(' trace)"
    done
}

@test "datagrams: bind() leaves a program of eBPF where it is" {
    mock verdict=clear
    run -0 with_shim python3 -c "$datagrams"'
insns = struct.pack("=BBhi", 0xb7, 0, 0, 0) + struct.pack("=BBhi", 0x95, 0, 0, 0) # return 0: drops all
code = ctypes.create_string_buffer(insns)
name = ctypes.create_string_buffer(b"GPL")
attr = struct.pack("=IIQQIIQII", 1, 2, ctypes.addressof(code), ctypes.addressof(name), 0, 0, 0, 0, 0)
program = libc.syscall(321, 5, attr, len(attr))
if program < 0:
    print("no eBPF here")
    raise SystemExit
s = udp()
s.setsockopt(socket.SOL_SOCKET, 50, program)
s.bind(("127.0.0.1", 5996))
udp().sendto(b"x", ("127.0.0.1", 5996))
s.setblocking(False)
try: print("heard", s.recv(100))
except BlockingIOError: print("dropped")'
    [ "$output" != "no eBPF here" ] || skip "eBPF is not allowed here"
    is dropped "$output"
}

@test "datagrams: a call that fails as when a rekey has deleted the SA is made once more, by whatever call; not one of several parts" {
    mock verdict=clear
    gcc -shared -fPIC -o below.so -xc - <<'C'
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/socket.h>
static int calls; /* every other one fails, as Linux does there */
#define FAILS() (calls++ % 2 ? 0 : (errno = EINVAL))
ssize_t sendto(int fd, const void *data, size_t size, int flags, const struct sockaddr *addr, socklen_t len)
{
    ssize_t (*real)(int, const void *, size_t, int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "sendto");
    return FAILS() ? -1 : real(fd, data, size, flags, addr, len);
}
ssize_t sendmsg(int fd, const struct msghdr *msg, int flags)
{
    ssize_t (*real)(int, const struct msghdr *, int) = dlsym(RTLD_NEXT, "sendmsg");
    return FAILS() ? -1 : real(fd, msg, flags);
}
C
    run -0 with_shim env LD_PRELOAD="$shim $PWD/below.so" python3 -c '
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
def tried(name, call, *args):
    try: print(name, call(*args))
    except OSError as e: print(name, errno.errorcode[e.errno])
def bare(s): # Python has no sendto() without an address
    ctypes.set_errno(0)
    rc = libc.sendto(s.fileno(), b"x", ctypes.c_size_t(1), 0, None, 0)
    if rc < 0: raise OSError(ctypes.get_errno(), "")
    return rc
to = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
to.bind(("127.0.0.1", 0))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
tried("sendto", s.sendto, b"x", to.getsockname())
tried("sendmsg", s.sendmsg, [b"x"], [], 0, to.getsockname())
s.connect(to.getsockname())
tried("connected sendto", bare, s)
tried("connected sendmsg", s.sendmsg, [b"x"])
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
tried("local", a.sendmsg, [b"x"])
tried("local", a.sendmsg, [b"x"])
tried("in parts", s.sendmsg, [b"x"], [], socket.MSG_MORE)'
    is 'sendto 1
sendmsg 1
connected sendto 1
connected sendmsg 1
local EINVAL
local 1
in parts EINVAL' "$output"
}
