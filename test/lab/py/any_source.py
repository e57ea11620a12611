# any_source.py WHAT ADDRESS PORT SOURCE: a datagram from SOURCE, which is no address of an interface. WHAT: sent (to an
# address), later (the option is set when the socket is connected already), free (IPV6_FREEBIND in its place), plain (no option:
# the host allows it; the only way over IPv4). Prints what becomes of it.
import errno, socket, struct, sys

what, address, port, source = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
IP_PKTINFO, IPV6_TRANSPARENT, IPV6_PKTINFO, IPV6_FREEBIND = 8, 75, 50, 78
family = socket.AF_INET6 if ":" in address else socket.AF_INET
s = socket.socket(family, socket.SOCK_DGRAM)
try:
    if what == "later":
        s.connect((address, port))
        s.send(b"from its own")
    if what != "plain":
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND if what == "free" else IPV6_TRANSPARENT, 1)
    if family == socket.AF_INET6:
        info = (socket.IPPROTO_IPV6, IPV6_PKTINFO, struct.pack("16si", socket.inet_pton(family, source), 0))
    else:
        info = (socket.IPPROTO_IP, IP_PKTINFO, struct.pack("i4s4x", 0, socket.inet_pton(family, source)))
    s.sendmsg([b"from another"], [info], 0, *([] if what == "later" else [(address, port)]))
    print("sent", flush=True)
except OSError as e:
    print(errno.errorcode.get(e.errno, e), flush=True)
