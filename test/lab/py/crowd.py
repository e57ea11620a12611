# Very many idle connections:
#   crowd.py serve PORT                            accepts all; closes each one that the other end closes
#   crowd.py connect ADDRESS PORT COUNT FILE       makes FILE.up when all are open; closes them when FILE.close exists
import os
import select
import socket
import sys
import time


def serve(port):
    listener = socket.create_server(("", port), backlog=1024)
    epoll, open_ones = select.epoll(), {}
    epoll.register(listener, select.EPOLLIN)
    while True:
        for fd, _ in epoll.poll():
            if fd == listener.fileno():
                s, _ = listener.accept()
                open_ones[s.fileno()] = s
                epoll.register(s, select.EPOLLIN)
            elif not open_ones[fd].recv(1):
                epoll.unregister(fd)
                open_ones.pop(fd).close()


def connect(address, port, count, name):
    start = time.monotonic()
    crowd = [socket.create_connection((address, port)) for _ in range(count)]
    with open(f"{name}.new", "w") as f:
        print(f"{count} connections in {time.monotonic() - start:.1f} s", file=f)
    os.rename(f"{name}.new", f"{name}.up")
    while not os.path.exists(f"{name}.close"):
        time.sleep(0.1)
    for s in crowd:
        s.close()


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
connect(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
