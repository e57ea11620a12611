# connect_then_ask.py ADDRESS PORT: connects, waits for a line on standard input, and then asks a web server for its page.
# Prints "connected", "asked", and the page.
import socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
print("connected", flush=True)
sys.stdin.readline()
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
print("asked", flush=True)
data = b""
while part := s.recv(4096):
    data += part
print(data.decode().split("\r\n\r\n")[1], end="")
