# late_connect.py FILE: first a connect() of the C library, which fails; when FILE exists, three connect() by a raw system call, which
# the shim does not see.
import ctypes, errno, os, socket, struct, sys, time
s = socket.socket()
s.setblocking(False)
print(errno.errorcode[s.connect_ex(("10.77.0.2", 8005))], flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.1)
libc = ctypes.CDLL(None, use_errno=True)
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(8005), socket.inet_aton("10.77.0.2"))
for _ in range(3):
    r = libc.syscall(42, s.fileno(), address, len(address))
    print("late", r, errno.errorcode.get(ctypes.get_errno(), "0"))
    time.sleep(0.5)
