# cookies.py ADDRESS: makes a connection and closes it; prints the cookies of its client, of its server and of the listener.
import socket, struct, sys
fam = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
server = socket.create_server((sys.argv[1], 0), family=fam)
client = socket.create_connection(server.getsockname()[:2])
accepted = server.accept()[0]
def cookie(s): return "%x" % struct.unpack("Q", s.getsockopt(socket.SOL_SOCKET, 57, 8))
print(cookie(client), cookie(accepted), cookie(server))
for s in (client, accepted, server): s.close()
