# receive_one.py ADDRESS PORT: prints "ready", and then the source address of the first datagram.
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((sys.argv[1], int(sys.argv[2])))
print("ready", flush=True)
print(*s.recvfrom(10)[1], flush=True)
