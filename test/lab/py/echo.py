# echo.py PORT: sends each connection's data back with "echo " before it; prints "came" and the client's address for each one.
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
    threading.Thread(target=serve, args=(c,), daemon=True).start()
