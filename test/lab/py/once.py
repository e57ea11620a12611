# once.py PORT: a server that listens until it has one connection, and sends back what comes on that.
import socket, sys
s = socket.create_server(("0.0.0.0", int(sys.argv[1])))
c, _ = s.accept()
s.close()
while d := c.recv(64): c.sendall(d)
