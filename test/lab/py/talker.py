# talker.py PORT SECONDS: a connection to bob: sends each line of standard input, and prints what arrives within SECONDS.
import socket, sys
s = socket.create_connection(("10.77.0.2", int(sys.argv[1])), timeout=float(sys.argv[2]))
print("connected", flush=True)
for line in sys.stdin:
    s.sendall(line.encode())
    try: print(s.recv(64).decode().strip(), flush=True)
    except OSError as e: print("error", e.errno, flush=True)
