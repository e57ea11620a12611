# change_spd.py CHANGES: makes so many changes of the SPD, faster than any program reads their reports, and removes its entries again.
import socket, struct, sys

NEWPOLICY, DELPOLICY, REQUEST, FWD = 0x13, 0x14, 1, 2
INFINITE = (1 << 64) - 1


def selector(port):
    address = lambda text: socket.inet_aton(text) + bytes(12)
    return struct.pack("=16s16sHHHH", address("192.0.2.2"), address("192.0.2.1"),
                       socket.htons(port), 0xFFFF, 0, 0) + struct.pack(
        "=HBBB3xiI", socket.AF_INET, 32, 32, socket.IPPROTO_TCP, 0, 0)


def message(kind, body):
    body += bytes(-len(body) % 4)
    return struct.pack("=IHHII", 16 + len(body), kind, REQUEST, 1, 0) + body


def add(port):
    lifetime = struct.pack("=8Q", *[INFINITE] * 4, 0, 0, 0, 0) + bytes(32)
    return message(NEWPOLICY, selector(port) + lifetime + struct.pack("=IIBBBB4x", 5000, 0, FWD, 0, 0, 0))


def delete(port):
    return message(DELPOLICY, selector(port) + struct.pack("=IB3x", 0, FWD))


s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 6)
s.bind((0, 0))
left = int(sys.argv[1])
while left > 0:
    s.send(b"".join(add(p) + delete(p) for p in range(1, 51)))
    left -= 100
