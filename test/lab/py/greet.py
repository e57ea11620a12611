# greet.py ADDRESS PORT: sends one line to each connection and closes it; prints "serving" first.
import socket, sys

l = socket.create_server((sys.argv[1], int(sys.argv[2])), family=socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET,
                         dualstack_ipv6=sys.argv[1] == "::")
print("serving", flush=True)
while True:
    c, who = l.accept()
    try:
        c.sendall(b"hello\n")
    except OSError:
        pass
    c.close()
