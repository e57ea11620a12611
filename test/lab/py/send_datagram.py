# send_datagram.py ADDRESS TTL OCTETS [PORT [TEXT [options]]]: sends one datagram that may not be fragmented, to port 7777, which begins
# with TEXT. `options`: with an IPv6 destination option that nobody knows and whose type asks for an ICMPv6 error.
import socket, sys
address, ttl, octets = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
IP_MTU_DISCOVER, IP_PMTUDISC_DO, IPV6_MTU_DISCOVER = 10, 2, 23
six = ":" in address
s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
if six:
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, ttl)
    s.setsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER, IP_PMTUDISC_DO)
else:
    s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, ttl)
    s.setsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
port, text, *options = sys.argv[4:] + ["7777", ""][len(sys.argv[4:]):]
IPV6_DSTOPTS = 59
if options:
    s.setsockopt(socket.IPPROTO_IPV6, IPV6_DSTOPTS, bytes([0, 0, 0xbe, 4, 0, 0, 0, 0]))
s.sendto(text.encode().ljust(octets, b"."), (address, int(port)))
