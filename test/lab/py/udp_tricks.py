"""udp_tricks.py answer PORT... | try OWN_OTHER_ADDRESS OPEN_PORT | group PORT

A server at several ports; a client that sends there in odd ways, and prints what came of each; a group of sockets at one port.
What it sends to ports that are to be protected says TRICK."""
import ctypes, errno, os, select, socket, struct, sys, traceback

BOB, BOB6 = '10.77.0.2', 'fd77::2'
UDP_CORK, UDP_SEGMENT, IPPROTO_UDP = 1, 103, 17
libc = ctypes.CDLL(None, use_errno=True)


def answer(*ports):
    poll, by_number = select.poll(), {}
    for port in ports:
        s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        s.bind(('::', int(port)))
        poll.register(s, select.POLLIN)
        by_number[s.fileno()] = s
    print('bound', flush=True)
    while True:
        for number, _ in poll.poll():
            data, who = by_number[number].recvfrom(65536)
            print('got', data[:40].decode(), flush=True)
            by_number[number].sendto(b'answer to ' + data, who)


def new(family=socket.AF_INET):
    """It blocks, which one with settimeout() does not."""
    s = socket.socket(family, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', 20, 0))
    return s


def asks(s, text, *where):
    """Sends text (with flags, to an address), and is answered, perhaps after an answer to something before."""
    s.sendto(text.encode(), *where) if where else s.send(text.encode())
    while s.recv(65536).decode() != 'answer to ' + text:
        pass
    return 'answered'


def raw_address(family, port):
    return struct.pack('H', family) + struct.pack('!H', port) + socket.inet_aton(BOB) + bytes(8)


def call(function, *args):
    n = function(*args)
    return errno.errorcode[ctypes.get_errno()] if n < 0 else n


def unconnect(s):
    return call(libc.connect, s.fileno(), bytes(16), 16)


def disconnected():
    s = new()
    s.connect((BOB, 5310))
    first = asks(s, 'TRICK connected')
    unconnect(s)
    return first, asks(s, 'TRICK afterwards', (BOB, 5311))


def copied():
    s = new()
    first = asks(s, 'TRICK by one number', (BOB, 5310))
    os.fdopen(os.dup(s.fileno())).close()
    other = socket.socket(fileno=os.dup(s.fileno()))
    other.connect((BOB, open_port))
    clear = asks(other, 'open')
    s.sendto(b'TRICK while connected elsewhere', (BOB, 5312)) # whose answer it does not hear
    unconnect(other)
    return first, clear, asks(s, 'TRICK by another', (BOB, 5312)), asks(s, 'TRICK by one again', (BOB, 5310))


def passed_and_moved():
    """Another process, which got the socket by a message, gives it another of this host's addresses."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    if os.fork() == 0:
        _, fds, _, _ = socket.recv_fds(there, 1, 1)
        s = socket.socket(fileno=fds[0])
        s.connect((BOB, open_port))
        unconnect(s)
        s.bind((own_other, 0))
        there.send(b'moved')
        os._exit(0)
    s = new()
    first = asks(s, 'TRICK before', (BOB, 5310))
    socket.send_fds(here, [b'x'], [s.fileno()])
    here.recv(10)
    return first, s.getsockname()[0], asks(s, 'TRICK moved', (BOB, 5310))


class Message(ctypes.Structure):
    _fields_ = [('name', ctypes.c_char_p), ('namelen', ctypes.c_uint), ('parts', ctypes.c_void_p), ('count', ctypes.c_size_t),
                ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t), ('flags', ctypes.c_long), ('sent', ctypes.c_uint)]


class Part(ctypes.Structure):
    _fields_ = [('base', ctypes.c_char_p), ('len', ctypes.c_size_t)]


def mixed():
    """sendmmsg(): in the clear, protected, to nobody in particular, in the clear."""
    s = new()
    group = struct.pack('H', socket.AF_INET) + struct.pack('!H', 5313) + socket.inet_aton('239.1.2.3') + bytes(8)
    to = [(raw_address(socket.AF_INET, open_port), b'open'), (raw_address(socket.AF_INET, 5313), b'TRICK among others'),
          (group, b'TRICK to a group'), (raw_address(socket.AF_INET, open_port), b'open, too late')]
    parts = [Part(text, len(text)) for _, text in to]
    messages = (Message * len(to))(*[Message(name, 16, ctypes.addressof(part), 1) for (name, _), part in zip(to, parts)])
    n = call(libc.sendmmsg, s.fileno(), messages, len(to), 0)
    return n, *sorted(s.recv(100).decode() for _ in range(2))


def mapped():
    s = new(socket.AF_INET6)
    only = new(socket.AF_INET6)
    only.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return asks(s, 'TRICK mapped', ('::ffff:' + BOB, 5314)), asks(only, 'TRICK by IPv6 alone', (BOB6, 5314)), \
        outcome(only.sendto, b'TRICK', ('::ffff:' + BOB, 5314))


def in_parts():
    s = new()
    first = asks(s, 'TRICK confirmed', socket.MSG_CONFIRM, (BOB, 5315))
    s.sendto(b'TRICK more ', socket.MSG_MORE, (BOB, 5315))
    s.sendto(b'and the rest', (BOB, 5315))
    more = s.recv(100).decode()
    s.setsockopt(IPPROTO_UDP, UDP_CORK, 1)
    s.sendto(b'TRICK corked ', (BOB, 5316))
    s.sendto(b'for another', (BOB, open_port)) # the kernel sends all of it to the first one's
    s.setsockopt(IPPROTO_UDP, UDP_CORK, 0)
    return first, more, s.recv(100).decode()


def segmented():
    """UDP_SEGMENT: the kernel refuses it under a guard, but perhaps not what it holds until there is one."""
    s = new()
    s.setsockopt(IPPROTO_UDP, UDP_SEGMENT, 500)
    first = outcome(s.sendto, b'TRICK' * 400, (BOB, 5317))
    return first in ('done', 'EIO'), asks(new(), 'TRICK in one', (BOB, 5317)), outcome(s.sendto, b'TRICK' * 400, (BOB, 5317))


def large():
    return asks(new(), 'TRICK' * 4000, (BOB, 5310)), asks(new(socket.AF_INET6), 'TRICK' * 4000, (BOB6, 5310))


def to_many():
    s, t = new(), new(socket.AF_INET6)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    t.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, socket.if_nametoindex('eth0'))
    s.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton('10.77.0.1'))
    return [outcome(s.sendto, b'TRICK', (to, 5310)) for to in ('10.77.0.255', '255.255.255.255', '239.1.2.3')] + \
        [outcome(s.connect, ('10.77.0.255', 5310)), outcome(t.sendto, b'TRICK', ('ff02::1', 5310))]


def named_oddly():
    s = new()
    sent = call(libc.sendto, s.fileno(), b'TRICK unnamed', 13, 0, raw_address(socket.AF_UNSPEC, 5318), 16)
    said = s.recv(100).decode()
    t = new(socket.AF_INET6)
    call(libc.sendto, t.fileno(), b'TRICK of IPv4', 13, 0, raw_address(socket.AF_INET, 5319), 16)
    return sent, said, t.recv(100).decode(), outcome(s.sendto, b'TRICK', (BOB, 0))


def by_interface():
    """IP_PKTINFO with an interface, and with another source."""
    s = new()
    index = socket.if_nametoindex('eth0')
    for source in ('0.0.0.0', own_other):
        info = struct.pack('i', index) + socket.inet_aton(source) + bytes(4)
        s.sendmsg([b'TRICK by interface'], [(socket.IPPROTO_IP, 8, info)], 0, (BOB, 5311))
        yield s.recv(100).decode()


def outcome(function, *args):
    try:
        function(*args)
        return 'done'
    except OSError as e:
        return errno.errorcode[e.errno]


def try_all(other, port):
    global own_other, open_port
    own_other, open_port = other, int(port)
    for trick in (disconnected, copied, passed_and_moved, mixed, mapped, in_parts, segmented, large, to_many, named_oddly, by_interface):
        try:
            print(trick.__name__ + ':', *trick(), sep='; ', flush=True)
        except OSError as e:
            print(trick.__name__ + ':', 'failed', errno.errorcode[e.errno], flush=True)
            traceback.print_exc()


def group(port):
    """Two sockets share the port (SO_REUSEPORT), and the one that asked first goes. The other has also joined a multicast group."""
    sockets = []
    for _ in range(2):
        s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        s.bind(('', int(port)))
        sockets.append(s)
    sockets.pop(0).close()
    sockets[0].setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, socket.inet_aton('239.1.2.3') + socket.inet_aton(BOB))
    print('bound', flush=True)
    while True:
        data, who = sockets[0].recvfrom(65536)
        print('got', data.decode(), flush=True)
        sockets[0].sendto(b'answer to ' + data, who)


{'answer': answer, 'try': try_all, 'group': group}[sys.argv[1]](*sys.argv[2:])
