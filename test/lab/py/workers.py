# A server whose processes share a listener:
#   workers.py serve PORT FILE            two workers; each also listens on a port of its own, PORT + 1 and PORT + 2. Each accepts one
#                                         connection there and one of the shared listener, writes "pid local-port remote-port" of both
#                                         to FILE, and keeps them until FILE.close exists
#   workers.py connect ADDRESS PORT FILE  the connections
#   workers.py latched PORT               the same lines from `btnsctl latches --json` on standard input
import json
import os
import socket
import sys
import time


def until_closed(name):
    while not os.path.exists(f"{name}.close"):
        time.sleep(0.1)


def work(shared, own, name):
    kept = []
    for listener in own, shared:
        s, (_, remote, *_) = listener.accept()
        kept.append(s)
        with open(name, "a") as f:
            print(os.getpid(), s.getsockname()[1], remote, file=f)
    until_closed(name)


def serve(port, name):
    shared = socket.create_server(("", port))
    for n in 1, 2:
        if os.fork() == 0:
            return work(shared, socket.create_server(("", port + n)), name)
    until_closed(name)


def connect(address, port, name):
    kept = [socket.create_connection((address, port + n)) for n in (1, 2, 0, 0)]
    until_closed(name)
    return kept


def latched(port):
    for latch in json.load(sys.stdin):
        if port <= latch["local_port"] <= port + 2 and latch["remote_port"]:
            print(latch["pid"], latch["local_port"], latch["remote_port"])


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]), sys.argv[3])
elif sys.argv[1] == "connect":
    connect(sys.argv[2], int(sys.argv[3]), sys.argv[4])
else:
    latched(int(sys.argv[2]))
