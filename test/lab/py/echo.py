# echo.py PORT [SECONDS]: sends each connection's data back with "echo " before it; prints "came" and the client's address for
# each one. SECONDS: its kernel asks an idle peer so often whether it is there.
import socket, sys, threading
def serve(c):
    try:
        while d := c.recv(64): c.sendall(b"echo " + d)
    except OSError: pass
    c.close()
l = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    c, who = l.accept()
    print("came", who[0], flush=True)
    if len(sys.argv) > 2:
        c.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for option in socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL: c.setsockopt(socket.IPPROTO_TCP, option, int(sys.argv[2]))
        c.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 127) # only an answer ends it
    threading.Thread(target=serve, args=(c,), daemon=True).start()
