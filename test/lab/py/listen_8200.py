# listen_8200.py: listens on port 8200 with SO_REUSEPORT; prints "listens", or the error.
import errno, socket, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
s.bind(("0.0.0.0", 8200))
try: s.listen()
except OSError as e: raise SystemExit(print(errno.errorcode[e.errno]))
print("listens", flush=True)
time.sleep(3600)
