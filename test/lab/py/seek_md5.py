# seek_md5.py: connects to bob:8001, whose segments are signed by TCP-MD5; tries to remove the key by setsockopt() and by the system
# call itself; then fetches / over the connection. Prints an errno or "ok" for each, and the last line of the page.
import ctypes, errno, socket, struct
s = socket.create_connection(("10.77.0.2", 8001))
libc = ctypes.CDLL(None, use_errno=True)
peer = struct.pack("H2x4s", socket.AF_INET, socket.inet_aton("10.77.0.2"))
key = peer.ljust(128, b"\0") + struct.pack("BBHI80x", 1, 32, 0, 0) # TCP_MD5SIG_EXT: a key of no octets for one address
for call in libc.setsockopt, lambda *a: libc.syscall(54, *a):
    print("ok" if call(s.fileno(), 6, 32, key, len(key)) == 0 else errno.errorcode[ctypes.get_errno()])
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
page = b""
while part := s.recv(4096): page += part
print(page.decode().splitlines()[-1])
