# cffi_fetch.py: fetches / from bob:8000 over a connect() that cffi calls in the C library.
import cffi, socket, struct
ffi = cffi.FFI()
ffi.cdef("int connect(int, const char *, unsigned);")
s = socket.socket()
a = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(8000), socket.inet_aton("10.77.0.2"))
if ffi.dlopen("libc.so.6").connect(s.fileno(), a, len(a)):
    raise OSError(ffi.errno, "connect")
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
print(s.makefile().read(), end="")
