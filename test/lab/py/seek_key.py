# seek_key.py: connects to bob:8001 and tries to read the key that signs its segments; prints the results and its pid, and waits
# for the end of standard input.
import os, socket, sys
s = socket.create_connection(("10.77.0.2", 8001))
for option in 14, 32:
    try: print(s.getsockopt(socket.IPPROTO_TCP, option, 256))
    except OSError as e: print("no option")
try: print(open("/etc/btns/keys/bob").read())
except OSError as e: print("no file")
print("pid", os.getpid(), flush=True)
sys.stdin.read()
