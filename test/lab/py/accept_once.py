# accept_once.py PORT: a server that accepts one connection, stops listening, and sends back what it receives.
import socket, sys
s = socket.create_server(("0.0.0.0", int(sys.argv[1])))
c, _ = s.accept()
s.close()
while d := c.recv(64): c.sendall(d)
