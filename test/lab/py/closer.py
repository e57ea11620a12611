# closer.py client|server: a connection to a web server on bob that the client, or the server, closes first.
import socket, sys
s = socket.create_connection(("10.77.0.2", 8000))
if sys.argv[1] == "client":
    s.close()
else:
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    while s.recv(4096): pass
