# dns.py ADDRESS NAME IPV4: a name server at ADDRESS that knows one name.
import socket, sys

here, name, ipv4 = sys.argv[1:]
asked = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((here, 53))
while True:
    query, client = s.recvfrom(512)
    end = query.find(b"\0", 12) + 5
    question = query[12:end]
    known = question[:-4].lower() == asked
    answers = known and question[-4:-2] == b"\0\1"
    head = query[:2] + bytes([0x85, 0x80 if known else 0x83]) + b"\0\1" + (b"\0\1" if answers else b"\0\0") + b"\0\0\0\0"
    record = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(ipv4) if answers else b""
    s.sendto(head + question + record, client)
