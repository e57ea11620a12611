# clear_connections.py ADDRESS PORT STOP: makes short clear connections one after the other until the file STOP exists; ends with 1 if one
# failed.
import os
import socket
import sys
import time

made, failed = 0, 0
while not os.path.exists(sys.argv[3]):
    try:
        with socket.create_connection((sys.argv[1], int(sys.argv[2])), 120) as s:
            s.sendall(b"x")
            made += s.recv(1) == b"x"
    except OSError as e:
        failed += 1
        print(e, flush=True)
    time.sleep(0.1)
print(f"clear connections to another service meanwhile: {made}, failed: {failed}")
sys.exit(bool(failed or not made))
