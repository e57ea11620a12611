# victim.py PORT [ADDRESS]: connects to bob, prints the sequence numbers that an attacker needs, and then expects its data unchanged.
import socket, struct, sys, time
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
s = socket.create_connection((sys.argv[2] if sys.argv[2:] else "10.77.0.2", int(sys.argv[1])))
def seqs():
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    out = []
    for queue in (1, 2):  # receive, send
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        out.append(struct.unpack("I", s.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, 4))[0])
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, -1)
    return out
rcv, snd = seqs()
print(s.getsockname()[1], rcv, snd, flush=True)
sys.stdin.readline()
try:
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    data = b""
    while True:
        part = s.recv(4096)
        if not part: break
        data += part
    print("alive" if data.endswith(b"hello from bob\n") and b"INJECTED" not in data else "corrupt", flush=True)
except OSError as e:
    print("dead", e, flush=True)
