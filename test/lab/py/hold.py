# hold.py ADDRESS PORT FILE: keeps one connection open until FILE exists.
import os, socket, struct, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing sends a reset: the kernel keeps nothing
while not os.path.exists(sys.argv[3]):
    time.sleep(0.1)
