# A transfer in both directions; each octet tells its place:
#   transfer.py serve PORT
#   transfer.py fetch ADDRESS PORT ROUNDS LONGER    ROUNDS, and then further ones for as long as the file LONGER exists;
# ends with 0 when all data arrived and was right, with 3 when the connection broke
import os
import socket
import sys
import threading
import time

REQUEST, ANSWER, PAUSE = 1000, 12000, 0.02


def pattern(i, n):
    return bytes([(i * 7 + 3) % 251]) * n


def exactly(s, n):
    got = b""
    while len(got) < n:
        more = s.recv(n - len(got))
        if not more:
            raise EOFError("the connection was closed")
        got += more
    return got


def answer(s):
    i = 0
    try:
        while exactly(s, REQUEST) == pattern(i, REQUEST):
            s.sendall(pattern(i + 1, ANSWER))
            i += 1
    except (OSError, EOFError):
        pass
    s.close()


def serve(port):
    listener = socket.create_server(("", port))
    while True:
        s, _ = listener.accept()
        threading.Thread(target=answer, args=(s,), daemon=True).start()


def fetch(address, port, rounds, longer):
    print("begins", flush=True)
    start = time.monotonic()
    s = socket.create_connection((address, port))
    print("connected", flush=True)
    i = left = 0
    while i < rounds or left:
        s.sendall(pattern(i, REQUEST))
        if exactly(s, ANSWER) != pattern(i + 1, ANSWER):
            sys.exit("wrong octets")
        time.sleep(PAUSE)
        i, left = i + 1, rounds if os.path.exists(longer) else max(0, left - 1)
    print(time.monotonic() - start)


if sys.argv[1] == "serve":
    serve(int(sys.argv[2]))
try:
    fetch(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
except (OSError, EOFError) as e:
    print(e)
    sys.exit(3)
