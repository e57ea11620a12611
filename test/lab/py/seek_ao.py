# seek_ao.py: connects to bob:8001, whose segments are signed by TCP-AO; tries to read the key by getsockopt() and by the system
# call itself, and to remove it; then fetches / over the connection. Prints an errno or "ok" for each, and the last line of the page.
import ctypes, errno, os, socket, struct
s = socket.create_connection(("10.77.0.2", 8001))
libc = ctypes.CDLL(None, use_errno=True)
def result(rc): print("ok" if rc == 0 else errno.errorcode[ctypes.get_errno()])
def question(): # struct tcp_ao_getsockopt: one key, all of them asked for
    return ctypes.create_string_buffer(b"\0" * 272 + struct.pack("IH", 1, 4), 304)
for ask in libc.getsockopt, lambda *a: libc.syscall(55, *a):
    result(ask(s.fileno(), 6, 41, question(), ctypes.byref(ctypes.c_int(304))))
peer = struct.pack("H2x4s", socket.AF_INET, socket.inet_aton("10.77.0.2"))
delete = peer.ljust(128, b"\0") + b"\0" * 10 + bytes([32, int(os.environ["SEND"]), int(os.environ["RECEIVE"])])
delete = ctypes.create_string_buffer(delete, 144)
result(libc.setsockopt(s.fileno(), 6, 39, delete, 144))
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
page = b""
while part := s.recv(4096): page += part
print(page.decode().splitlines()[-1])
