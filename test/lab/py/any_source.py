# any_source.py WHAT ADDRESS PORT SOURCE: a datagram over IPv6 from SOURCE, which is no address of this host. WHAT: sent (to an
# address), later (the option is set when the socket is connected already), free (IPV6_FREEBIND in its place), plain (no option:
# the host allows it). Prints what becomes of it.
import errno, socket, struct, sys

what, address, port, source = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
IPV6_TRANSPARENT, IPV6_PKTINFO, IPV6_FREEBIND = 75, 50, 78
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
try:
    if what == "later":
        s.connect((address, port))
        s.send(b"from its own")
    if what != "plain":
        s.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND if what == "free" else IPV6_TRANSPARENT, 1)
    info = struct.pack("16si", socket.inet_pton(socket.AF_INET6, source), 0)
    s.sendmsg([b"from another"], [(socket.IPPROTO_IPV6, IPV6_PKTINFO, info)], 0, *([] if what == "later" else [(address, port)]))
    print("sent", flush=True)
except OSError as e:
    print(errno.errorcode.get(e.errno, e), flush=True)
