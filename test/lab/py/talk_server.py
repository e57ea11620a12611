# talk_server.py PORT [ADDRESS]: sends back what it receives on each connection.
import socket, sys, threading
address = sys.argv[2] if sys.argv[2:] else "0.0.0.0"
s = socket.create_server((address, int(sys.argv[1])), family=socket.AF_INET6 if ":" in address else socket.AF_INET)
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
