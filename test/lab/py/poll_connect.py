# poll_connect.py ADDRESS PORT [FILE]: when FILE exists, makes a non-blocking connect() and asks a web server for a page; prints the results of connect() and
# SO_ERROR, and the milliseconds until connect() returned, until the connection was open, and until the answer began.
import errno, os, select, socket, sys, time
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family)
s.setblocking(False)
while len(sys.argv) > 3 and not os.path.exists(sys.argv[3]):
    time.sleep(0.01)
start = time.monotonic()
code = s.connect_ex((sys.argv[1], int(sys.argv[2])))
at_once = time.monotonic() - start
p = select.poll()
p.register(s, select.POLLOUT)
events = p.poll(1000000)
error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
connected = time.monotonic() - start
if not error:
    s.setblocking(True)
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    s.recv(1)
first = time.monotonic() - start
print(errno.errorcode[code], errno.errorcode.get(error, "0"), int(at_once * 1000), int(connected * 1000), int(first * 1000))
