# hear_and_repeat_datagrams.py PORT FILE: sends each datagram back, and writes it to FILE.
import socket, sys
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("0.0.0.0", int(sys.argv[1])))
while True:
    data, who = s.recvfrom(100)
    open(sys.argv[2], "ab").write(data)
    s.sendto(data, who)
