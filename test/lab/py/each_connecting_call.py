# each_connecting_call.py: fetches a page from bob:8001 several times in one process, by each kind of call that connects.
import select, socket
request, address = b"GET / HTTP/1.0\r\n\r\n", ("10.77.0.2", 8001)
def answer(s):
    data = b""
    while part := s.recv(4096): data += part
    return "hello" if data.endswith(b"hello from bob\n") else "?"
def ask(s):
    s.sendall(request)
    return answer(s)
for _ in range(3): print("blocking", ask(socket.create_connection(address)))
s = socket.socket()
s.setblocking(False)
s.connect_ex(address)
select.select([], [s], [])
s.setblocking(True)
print("nonblocking", ask(s))
s = socket.socket()
s.sendto(request, socket.MSG_FASTOPEN, address)
print("fastopen", answer(s))
s = socket.socket(socket.AF_INET6)
s.connect(("::ffff:10.77.0.2", 8001))
print("mapped", ask(s))
