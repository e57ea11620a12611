# send_lines.py ADDRESS PORT: connects, prints "connected", and sends each line of standard input. A line "options" gives the packets
# that follow an IPv6 destination option that nobody knows and whose type asks for an ICMPv6 error; "plain" ends that.
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
IPV6_DSTOPTS = 59
print("connected", flush=True)
for line in sys.stdin:
    if line == "options\n": s.setsockopt(socket.IPPROTO_IPV6, IPV6_DSTOPTS, bytes([0, 0, 0xbe, 4, 0, 0, 0, 0]))
    elif line == "plain\n": s.setsockopt(socket.IPPROTO_IPV6, IPV6_DSTOPTS, b"")
    else: s.sendall(line.encode())
