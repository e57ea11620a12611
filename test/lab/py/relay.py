"""Passes on what it is sent, both ways, and prints a line for each connection: relay.py PORT ADDRESS PORT."""
import socket
import sys
import threading


def pump(a, b):
    try:
        while data := a.recv(65536):
            b.sendall(data)
    except OSError:
        pass
    for s in (a, b):
        try:
            s.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


with socket.create_server(("0.0.0.0", int(sys.argv[1]))) as listener:
    while True:
        near, _ = listener.accept()
        far = socket.create_connection((sys.argv[2], int(sys.argv[3])))
        print("relaying", flush=True)
        threading.Thread(target=pump, args=(near, far)).start()
        threading.Thread(target=pump, args=(far, near)).start()
