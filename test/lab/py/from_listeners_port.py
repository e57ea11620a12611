# from_listeners_port.py ADDRESS PORT FROM: asks a web server for a page, from local port FROM, which another socket listens on; prints the
# answer's first octets.
import socket, sys
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("0.0.0.0", int(sys.argv[3])))
s.connect((sys.argv[1], int(sys.argv[2])))
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
print(s.recv(100))
