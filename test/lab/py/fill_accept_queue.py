# fill_accept_queue.py ADDRESS PORT: fills the queue of a listener that never accepts with eight connections, and keeps them open.
import socket, sys, time
held = [socket.socket() for _ in range(8)]
for s in held:
    s.setblocking(False)
    s.connect_ex((sys.argv[1], int(sys.argv[2])))
time.sleep(100000)
