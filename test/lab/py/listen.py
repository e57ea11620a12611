# listen.py PORT FILE: listens with SO_REUSEPORT, without accepting, until FILE exists.
import os, socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("0.0.0.0", int(sys.argv[1])))
s.listen()
print("listening", flush=True)
while not os.path.exists(sys.argv[2]):
    time.sleep(0.1)
