# ask.py: sends btnsd the request that a shim sends before connect() to 10.77.0.2:8000; prints uid, request, outcome and service
# of the answer.
import array, socket, struct, sys
s, c = socket.socket(), socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
c.connect("/run/btns/btnsd.sock")
cookie = struct.unpack("Q", s.getsockopt(socket.SOL_SOCKET, 57, 8))[0]
remote = struct.pack("=HHI16s", 2, 8000, 0, bytes([10, 77, 0, 2]) + bytes(12))
c.sendmsg([struct.pack("=HHIIIQQ", 1, 1, 7, 0, 6, cookie, 0) + bytes(24) + remote],
          [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))])
said = c.recv(65536)
uid, request, outcome, service = struct.unpack("=IHH136s", said[-144:])
print(uid, request, outcome, service.split(b"\0")[0].decode())
