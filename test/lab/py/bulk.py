"""bulk serve PORT SIZE | get HOST PORT SIZE [FILE] | put HOST PORT SIZE: so many octets down or up in one connection.

With FILE, the client makes it when the first octets are there, and reads no more until it is gone.

The server sends SIZE octets to who sends it "get", and counts what it reads from anybody else.
"""
import os
import socket
import sys
import threading
import time


def read_all(s):
    n = 0
    while data := s.recv(65536):
        n += len(data)
    return n


def answer(s, size):
    with s:
        if s.recv(3) == b'get':
            s.sendall(bytes(size))
        else:
            s.sendall(b'%d' % (3 + read_all(s)))


def serve(port, size):
    server = socket.create_server(('::', port), family=socket.AF_INET6, dualstack_ipv6=True)
    while True:
        s, _ = server.accept()
        threading.Thread(target=answer, args=(s, size)).start()


def pause(file):
    with open(file, 'w'):
        pass
    while os.path.exists(file):
        time.sleep(0.05)


def ask(what, host, port, size, file=None):
    with socket.create_connection((host, port), 120) as s:
        s.sendall(what.encode() if what == 'get' else bytes(size))
        s.shutdown(socket.SHUT_WR)
        first = s.recv(1) if file else b''
        if file:
            pause(file)
        got = len(first) + read_all(s) if what == 'get' else int(s.recv(32))
    print(what, host, port, got)
    sys.exit(got != size)


if sys.argv[1] == 'serve':
    serve(int(sys.argv[2]), int(sys.argv[3]))
ask(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:])
