# talk_server.py PORT: sends back what it receives on each connection.
import socket, sys, threading
s = socket.create_server(("0.0.0.0", int(sys.argv[1])))
def serve(c):
    try:
        while True:
            d = c.recv(64)
            if not d: return
            c.sendall(d)
    except OSError: pass
while True:
    c, _ = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
