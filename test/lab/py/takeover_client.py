# takeover_client.py PORT: a client of bob that makes one step for each line it reads, and prints a line when the step is done.
import socket, struct, sys
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
s = socket.socket()
got = b""
def say(*words): print(*words, flush=True)
def seqs():
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    out = []
    for queue in (1, 2):
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        out.append(struct.unpack("I", s.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, 4))[0])
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, -1)
    return out
def read(until):
    global got
    while not got.endswith(until):
        part = s.recv(4096)
        if not part: break
        got += part
for line in sys.stdin:
    step = line.strip()
    try:
        if step == "connect":
            s.settimeout(1000)
            s.connect(("10.77.0.2", int(sys.argv[1])))
            read(b"\n")
            say("connected", s.getsockname()[1], *seqs())
        elif step == "begin":  # does not wait for the connection: the SYN is sent, or held
            s.setblocking(False)
            s.connect_ex(("10.77.0.2", int(sys.argv[1])))
            say("begun", s.getsockname()[1], 0, 0)
            s.setblocking(True)
            s.settimeout(1000)
        elif step == "block":  # waits in connect() itself
            s.settimeout(None)
            say("blocking", 0, 0, 0)
            s.connect(("10.77.0.2", int(sys.argv[1])))
            say("answered")
        elif step == "greet":
            s.sendall(b"from alice\n")
            say("greeted")
        elif step == "half":
            s.shutdown(socket.SHUT_WR)
            say("half")
        elif step == "rest":
            read(b"goodbye\n")
            say("got", repr(got))
        elif step == "close":
            s.close()
            say("closed")
    except OSError as e:
        say("error", e)
