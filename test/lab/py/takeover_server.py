# takeover_server.py PORT DIRECTORY: sends a line to each connection and stores what it receives in DIRECTORY/1, 2, ...
# Files in DIRECTORY control it: see below. Its queue holds one connection.
import os, socket, sys, threading
directory = sys.argv[2]
listener = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=0)
def serve(s, number):
    s.sendall(b"from bob %d\n" % number)
    while not os.path.exists(directory + "/first"):  # with "first" the server closes first, and has the TIME_WAIT
        try:
            data = s.recv(4096)
        except OSError as e:
            data = b"ERROR %r" % e
            open(directory + "/%d" % number, "ab").write(data)
            return
        if not data:
            break
        open(directory + "/%d" % number, "ab").write(data)
    while os.path.exists(directory + "/half"):  # with "half" it does not close its half of the connection
        threading.Event().wait(0.05)
    s.sendall(b"and goodbye\n")
    s.close()
number = 0
while True:
    while os.path.exists(directory + "/full"):  # with "full" nobody is accepted: who connects stays in SYN_SENT
        threading.Event().wait(0.05)
    s, _ = listener.accept()
    number += 1
    threading.Thread(target=serve, args=(s, number), daemon=True).start()
