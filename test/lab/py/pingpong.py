# Requests and responses over one connection, one after the other:
#   pingpong.py serve ADDRESS PORT
#   pingpong.py load ADDRESS PORT STOP OUT BURST
# BURST round trips, a pause, and so on until the file STOP exists; OUT gets (due, sent, done) of each, where one is
# due that much after the pause began as it may take at most.
import array
import os
import socket
import sys
import threading
import time

SIZE, PAUSE = 32, 0.01


def exactly(s, n):
    got = 0
    while got < n:
        more = len(s.recv(n - got))
        if not more:
            sys.exit("the connection was closed")
        got += more


def serve(address, port):
    listener = socket.create_server((address, port))

    def answer(s):
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while data := s.recv(SIZE):
            s.sendall(data)

    while True:
        s, _ = listener.accept()
        threading.Thread(target=answer, args=(s,), daemon=True).start()


def load(address, port, stop, out, burst):
    s = socket.create_connection((address, port))
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    times = array.array("d")
    request, n = b"x" * SIZE, 0
    while n % 16 or not os.path.exists(stop):
        due = time.monotonic()
        if n % burst == 0:
            time.sleep(PAUSE)
            due += 2 * PAUSE  # it may begin in the middle of a clock tick
        sent = time.monotonic()
        s.sendall(request)
        exactly(s, SIZE)
        times.extend((due, sent, time.monotonic()))
        n += 1
        if n == 1:
            open(out, "w").close()  # it runs
    with open(out, "wb") as f:
        times.tofile(f)


if sys.argv[1] == "serve":
    serve(sys.argv[2], int(sys.argv[3]))
else:
    load(sys.argv[2], int(sys.argv[3]), *sys.argv[4:6], int(sys.argv[6]))
