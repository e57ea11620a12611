# talk_on_demand.py NAME PORT DIRECTORY [given]: makes a connection to bob, sends a word when DIRECTORY/NAME.0 exists, another one when
# NAME.1 exists, and so on; prints "heard", "end", or "nothing" (after the seconds in DIRECTORY/patience, or an error). With "given",
# a child process has the connection and this process does not.
import ctypes, os, socket, struct, sys, time
name, port, where = sys.argv[1], int(sys.argv[2]), sys.argv[3]
s = socket.create_connection(("10.77.0.2", port), 120)
s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)) # killed: gone at once
if sys.argv[4:]: # a child has the connection, and we have it no more
    closed, close = os.pipe()
    if os.fork():
        s.close()
        os.close(close)
        time.sleep(3600)
    ctypes.CDLL(None).prctl(1, 9) # PR_SET_PDEATHSIG
    os.close(close)
    os.read(closed, 1)
print("up", flush=True)
n = 0
while True:
    while not os.path.exists(f"{where}/{name}.{n}"): time.sleep(0.05)
    s.settimeout(float(open(where + "/patience").read()))
    try:
        s.send(b"x\n")
        print("heard" if s.recv(10) else "end", flush=True)
    except OSError as e: print("nothing", flush=True)
    n += 1
