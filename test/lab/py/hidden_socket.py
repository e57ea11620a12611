# hidden_socket.py ADDRESS PORT udp|tcp: connects a socket, without waiting, that btnsd does not find afterwards: only
# another process has it, among more descriptors than btnsd looks through. That one sends every 0.1 s, and prints what
# becomes of it.
import errno, os, resource, socket, sys, time

resource.setrlimit(resource.RLIMIT_NOFILE, (20000, 20000))
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET, socket.SOCK_DGRAM if sys.argv[3] == "udp" else socket.SOCK_STREAM)
s.setblocking(False)
is_hidden, hides = os.pipe()
is_connected, connects = os.pipe()
child = os.fork()
if child:
    os.read(is_hidden, 1)
    s.connect_ex((sys.argv[1], int(sys.argv[2])))
    s.close()
    os.write(connects, b"+")
    os.waitpid(child, 0)
    sys.exit()
os.dup2(s.fileno(), 19000)
s.close()
null = os.open("/dev/null", os.O_RDONLY)
for number in range(100, 6000):
    os.dup2(null, number)
os.write(hides, b"+")
os.read(is_connected, 1)
hidden = socket.socket(fileno=19000)
while True:
    try:
        hidden.send(b"from where nobody looks")
        print("sent", flush=True)
    except OSError as e:
        print(errno.errorcode[e.errno], flush=True)
    time.sleep(0.1)
