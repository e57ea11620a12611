# chatter.py ADDRESS PORT: sends an octet ten times a second over one connection, and reads nothing.
import socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
while True:
    s.sendall(b"x")
    time.sleep(0.1)
