# worst_roundtrip.py ADDRESS PORT FILE: makes round trips over one connection until FILE exists; prints "talks" first, and at the end
# the longest round trip in milliseconds.
import os, socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
worst = 0
print("talks", flush=True)
while not os.path.exists(sys.argv[3]):
    start = time.monotonic()
    s.sendall(b"x")
    s.recv(1)
    worst = max(worst, time.monotonic() - start)
    time.sleep(0.05)
print(int(worst * 1000))
