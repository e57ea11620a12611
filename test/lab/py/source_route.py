# source_route.py WHAT ADDRESS PORT HOP: sends there by way of HOP, a loose source route. WHAT: tcp, udp (an option of
# the socket), message (of one datagram), later, later-udp (of a connected socket). Prints what becomes of it.
import errno, socket, struct, sys

what, address, port, hop = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
IP_RETOPTS = 7
route = struct.pack("BBB4s", 131, 7, 4, socket.inet_aton(hop)) + b"\x01"
s = socket.socket(socket.AF_INET, socket.SOCK_STREAM if what in ("tcp", "later") else socket.SOCK_DGRAM)
s.settimeout(170)
try:
    if what.startswith("later"):
        s.connect((address, port))
        s.send(b"as it should be")
    if what != "message":
        s.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, route)
    if what == "tcp":
        s.settimeout(3)
        s.connect((address, port))
    elif what == "udp":
        s.sendto(b"by another way", (address, port))
    elif what == "message":
        s.sendmsg([b"by another way"], [(socket.IPPROTO_IP, socket.IP_TTL, struct.pack("i", 9)), (socket.IPPROTO_IP, IP_RETOPTS, route)],
                  0, (address, port))
    else:
        s.send(b"by another way")
    print("sent", flush=True)
except OSError as e:
    print(errno.errorcode.get(e.errno, e), flush=True)
