# hear_and_repeat.py PORT FILE: sends each connection's first octets back, and writes them to FILE. It leaves the connection open
# for a moment: of one that both ends have closed, btnsd may have forgotten the latch when the caller asks.
import socket, sys, time
s = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    c, _ = s.accept()
    try:
        data = c.recv(100)
        open(sys.argv[2], "ab").write(data)
        c.sendall(data)
        time.sleep(0.5)
    except OSError:
        pass
    c.close()
