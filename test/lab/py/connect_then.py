# connect_then.py HOST PORT FILE: makes one connection; when FILE exists, a second one with IP_TOS 0x08, which stays open until this
# program is killed.
import os, socket, sys, time

host = (sys.argv[1], int(sys.argv[2]))
first = socket.create_connection(host)
print("first from", first.getsockname()[0], flush=True)
while not os.path.exists(sys.argv[3]):
    time.sleep(0.1)
second = socket.socket()
second.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, 0x08)
second.connect(host)
print("second from", second.getsockname()[0], flush=True)
try:
    second.recv(1)
except OSError:
    pass
print("second ended", flush=True)
