# certified_channel.py ADDRESS PORT CERTIFICATE CA: connects, and prints what libbtns tells of the connection: the rule's profile, the
# certificate's subject, its authority's, and whether the two certificates are those in the files (DER).
import socket, sys

import btns

PROFILE, CERT, CA, SUBJECT, AUTHORITY = 0x1006, 0x1308, 0x1309, 0x130a, 0x130b
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
for kind in PROFILE, SUBJECT, AUTHORITY:
    print(btns.attribute(s, kind).decode().replace(" ", ""))
print(*[btns.attribute(s, kind) == open(file, "rb").read() for kind, file in zip((CERT, CA), sys.argv[3:])])
