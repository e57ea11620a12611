# short_lived.py ADDRESS PORT: tries to connect with segments that live for one hop.
import socket, sys
s = socket.socket()
s.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 1)
s.connect((sys.argv[1], int(sys.argv[2])))
