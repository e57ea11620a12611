#!/usr/bin/env bats
# btns-run as the supervisor of a program's datagrams: what btnsd is asked, and what comes of the answer.

bats_require_minimum_version 1.5.0
load helpers
load supervision

# datagrams TYPE: what btnsd was asked about UDP, with the program's own socket
datagrams() { grep -c "^$1 .*protocol=17 .*socket=same" "$LOG"; }

@test "a static program's UDP: btnsd is asked at connect(), bind() and before each datagram to an address" {
    mock verdict=protected
    away_from_loopback timeout 100 "$runner" "$programs/leaves-static" 192.0.2.1 9999 >left 2>said
    ways ok sendto sendto-unspec sendmsg sendmmsg udp-connect udp-bind
    is '' "$(<said)"
    is 5 "$(datagrams 'CONNECT .*remote=192.0.2.1:9999')"
    is 1 "$(datagrams 'LISTEN local=0.0.0.0:5353')"
    is 1 "$(datagrams 'LISTEN local=0.0.0.0:5354')"
    is 8 "$(asked SPEAK)"
}

@test "a static program binds no port by capabilities that only its supervisor has" {
    mock verdict=protected
    away_from_loopback timeout 100 "$runner" --supervise "$programs/leaves-static" 192.0.2.1 9999 >left 2>said
    ways ok udp-bind udp-bind-low
    away_from_loopback timeout 100 "$runner" --supervise setpriv --bounding-set -net_bind_service "$programs/leaves-static" 192.0.2.1 9999 >left 2>said
    ways ok udp-bind
    ways EACCES udp-bind-low
}

@test "a static program's UDP that btnsd refuses fails with the verdict's errno, and the person is told why" {
    mock verdict=denied error=126 text='no key'
    for mode in --supervise --require; do
        away_from_loopback timeout 100 "$runner" $mode "$programs/leaves-static" 192.0.2.1 9999 >left 2>said
        ways ENOKEY sendto sendto-unspec sendmsg sendmmsg udp-connect udp-bind
        ways EDESTADDRREQ udp-send
        is 1 "$(grep -cx 'btns: leaves-static: 192.0.2.1:9999: no key' said)"
    done
}

@test "a static program's datagrams to loopback addresses are nobody's question" {
    mock verdict=denied error=126
    away_from_loopback timeout 100 "$runner" --supervise "$programs/leaves-static" 127.0.0.1 9999 >left 2>said
    ways ok sendto sendmsg sendmmsg udp-connect
    is 0 "$(datagrams CONNECT)"
}

@test "sendmmsg() of a static program: each message is asked about" {
    mock verdict=protected
    cat >several.py <<'END'
import ctypes, errno, socket, struct, sys
libc = ctypes.CDLL("libc.so.6", use_errno=True)
s, r = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
r.bind(("192.0.2.1", 0))
def name(a, port=r.getsockname()[1]):
    return ctypes.create_string_buffer(struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), socket.inet_aton(a)))
data = ctypes.create_string_buffer(b"x")
part = ctypes.create_string_buffer(struct.pack("PN", ctypes.addressof(data), 1))
names = [name("127.0.0.1"), name("192.0.2.1"), name("192.0.2.1")]
all = b"".join(struct.pack("PI4xPNPNi4xI4x", ctypes.addressof(n), 16, ctypes.addressof(part), 1, 0, 0, 0, 0) for n in names)
vector = ctypes.create_string_buffer(all)
done = 0
while done < 3:
    n = libc.sendmmsg(s.fileno(), ctypes.c_void_p(ctypes.addressof(vector) + 64 * done), 3 - done, 0)
    if n < 0:
        sys.exit(errno.errorcode[ctypes.get_errno()])
    done += n
print(done, r.recv(9), r.recv(9))
END
    run -0 --separate-stderr away_from_loopback timeout 100 "$runner" --supervise env -i /usr/bin/python3 several.py
    is "3 b'x' b'x'" "$output"
    is 2 "$(datagrams CONNECT)"
}

@test "a datagram of a static program with a source route is not sent" {
    mock verdict=protected
    run -0 --separate-stderr away_from_loopback timeout 100 "$runner" --supervise env -i /usr/bin/python3 -c '
import errno, socket
s = socket.socket(type=socket.SOCK_DGRAM)
route = bytes([131, 7, 4, 192, 0, 2, 9, 0])
for options in (route, bytes([1, 1, 1, 0])):
    try:
        print(s.sendmsg([b"x"], [(socket.IPPROTO_IP, 7, options)], 0, ("192.0.2.1", 9999)))
    except OSError as e:
        print(errno.errorcode[e.errno])'
    is 'EPERM
1' "$output"
    [[ $stderr == *'a source route (IP_RETOPTS) would lead the datagram past its guard'* ]]
}

@test "what comes for a static program's UDP port before btnsd has answered is not heard" {
    mock verdict=protected
    cat >early.py <<'END'
import os, signal, socket, sys, threading
btnsd, port = int(sys.argv[1]), 5399
s, c = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
os.kill(btnsd, signal.SIGSTOP)
binder = threading.Thread(target=s.bind, args=(("0.0.0.0", port),))
binder.start()
while s.getsockname()[1] != port:
    pass
c.sendto(b"early", ("127.0.0.1", port))
os.kill(btnsd, signal.SIGCONT)
binder.join()
c.sendto(b"late", ("127.0.0.1", port))
print(s.recv(9))
END
    run -0 --separate-stderr away_from_loopback timeout 100 "$runner" --supervise env -i /usr/bin/python3 early.py "$(<"$BTNS_SOCKET_PATH.pid")"
    is "b'late'" "$output"
    is 1 "$(datagrams LISTEN)"
}

@test "--require: by a socket that libc connects to find a route nothing can be sent, and btnsd is not asked" {
    mock verdict=clear
    cat >route.py <<'END'
import ctypes, errno, os, socket, struct
libc = ctypes.CDLL("libc.so.6", use_errno=True) # as libc calls within itself
for port in 5300, 53:
    s = socket.socket(type=socket.SOCK_DGRAM)
    a = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), socket.inet_aton("192.0.2.1"))
    print(libc.connect(s.fileno(), a, len(a)), s.getsockname()[0], end=" ")
    try:
        print(s.send(b"x"))
    except OSError as e:
        print(errno.errorcode[e.errno])
END
    run -0 --separate-stderr unshare -rnm bash -c 'ip link set lo up && ip addr add 192.0.2.1/32 dev lo &&
        echo "nameserver 192.0.2.1" >resolv && mount --bind resolv /etc/resolv.conf && exec "$@"' _ \
        timeout 100 "$runner" --require /usr/bin/python3 route.py
    is '0 192.0.2.1 EPIPE
0 192.0.2.1 1' "$output"
    is 1 "$(asked CONNECT)" # about the name server
}

@test "without --require UDP goes where btnsd lets it, and io_uring is not there" {
    mock verdict=clear
    away_from_loopback timeout 100 "$runner" "$programs/leaves-static" 192.0.2.1 53 >left 2>said
    ways ok sendto udp-connect sendmsg sendmmsg udp-bind
    ways ENOSYS io_uring
    ways EOPNOTSUPP fastopen
}

@test "--require: loopback and the name servers of resolv.conf are let alone" {
    mock verdict=clear
    away_from_loopback timeout 100 "$runner" --require "$programs/leaves-static" 127.0.0.1 53 >left 2>said
    ways ok sendto udp-connect sendmsg sendmmsg
    unshare -rnm bash -c 'ip link set lo up && ip addr add 192.0.2.1/32 dev lo &&
        echo "nameserver 192.0.2.1" >resolv && mount --bind resolv /etc/resolv.conf && exec "$@"' _ \
        timeout 100 "$runner" --require "$programs/leaves" 192.0.2.1 53 >left 2>said
    ways ok sendto udp-connect sendmsg sendmmsg
}

@test "--require: a datagram goes where the supervisor has looked, though a thread exchanges its address meanwhile" {
    mock verdict=denied error=126 # about any but a loopback address
    cat >exchange.py <<'END'
import ctypes, mmap, os, signal, socket, struct, sys
libc = ctypes.CDLL("libc.so.6", use_errno=True)
port = int(sys.argv[1])
here, there = socket.inet_aton("127.0.0.1"), socket.inet_aton("192.0.2.1")
shared = mmap.mmap(-1, 4096) # with a process that exchanges as a thread would, at any moment
at = ctypes.addressof((ctypes.c_char * 4096).from_buffer(shared))
shared[:16] = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), here)
shared[64:65] = b"x"
shared[128:144] = struct.pack("PN", at + 64, 1)
shared[192:248] = struct.pack("PI4xPNPNi4x", at, 16, at + 128, 1, 0, 0, 0)
times = ctypes.c_uint.from_address(at + 320)
child = os.fork()
while not child:
    shared[4:8] = there
    times.value += 1
    shared[4:8] = here
s = socket.socket(type=socket.SOCK_DGRAM)
meanwhile = 0
while meanwhile < 60:
    before = times.value
    libc.sendto(s.fileno(), b"x", 1, 0, ctypes.c_void_p(at), 16)
    libc.sendmsg(s.fileno(), ctypes.c_void_p(at + 192), 0)
    meanwhile += times.value != before
os.kill(child, signal.SIGKILL)
os.waitpid(child, 0)
shared[4:8] = here
print(libc.sendmsg(s.fileno(), ctypes.c_void_p(at + 192), 0), libc.sendto(s.fileno(), b"end", 3, 0, ctypes.c_void_p(at), 16))
END
    cat >receive.py <<'END'
import os, socket, sys
here, there = socket.socket(type=socket.SOCK_DGRAM), socket.socket(type=socket.SOCK_DGRAM)
here.bind(("127.0.0.1", 0))
there.bind(("192.0.2.1", here.getsockname()[1]))
print(here.getsockname()[1], file=open(sys.argv[1] + ".part", "w"), flush=True)
os.rename(sys.argv[1] + ".part", sys.argv[1])
n = 0
while here.recv(10) != b"end":
    n += 1
there.setblocking(False)
strays = 0
try:
    while there.recv(10):
        strays += 1
except BlockingIOError:
    pass
print("here" if n else "none here", "there" if strays else "none there", flush=True)
END
    cat >both <<'END'
/usr/bin/python3 receive.py port >received & receiver=$!
until [ -e port ]; do sleep 0.05; done
"$@" /usr/bin/python3 exchange.py "$(<port)"
wait $receiver
rm port
cat received
END
    run -0 --separate-stderr away_from_loopback timeout 200 bash both "$runner" --require env -i
    is '1 3
here none there' "$output"
}
