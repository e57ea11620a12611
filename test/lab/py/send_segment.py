# send_segment.py ADDRESS PORT OCTETS: connects, sends a line of this many octets at once, and waits for the first octet of an answer.
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.sendall(b"x" * (int(sys.argv[3]) - 1) + b"\n")
s.recv(1)
