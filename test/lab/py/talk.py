# talk.py ADDRESS PORT: a request and its answer ten times a second over one connection; prints the number of answers after
# each, and "ended" with the error at the end.
import socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
n = 0
while True:
    try:
        s.sendall(b"x" * 32)
        if not s.recv(64): raise EOFError
    except Exception as e:
        print("ended", repr(e), flush=True)
        break
    n += 1
    print(n, flush=True)
    time.sleep(0.1)
