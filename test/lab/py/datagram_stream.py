"""datagram_stream.py receive PORT | send ADDRESS PORT RATE FILE

send: RATE numbered datagrams a second, or as many as the machine can, until there is a file of that name; prints how many, in how many seconds,
and how often the kernel had no room for one, which was sent again. receive: prints how many of them came, when the last has; until it is killed.
"""
import os, socket, struct, sys, time

END = (1 << 64) - 1


def receive(port):
    s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE: a receiver that is slow loses none
    s.bind(('::', int(port)))
    print('bound', flush=True)
    came = set()
    while True:
        n, sent = struct.unpack('!QQ', s.recv(100)[:16])
        if n != END:
            came.add(n)
        elif sent == len(came):
            print('all', sent, 'came', flush=True)
        else:
            print('of', sent, 'came', len(came), flush=True)


def send(address, port, rate, path):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    to, payload, n, again = (address, int(port)), bytes(48), 0, 0

    def put(a, b):
        nonlocal again
        while True:
            try:
                return s.sendto(struct.pack('!QQ', a, b) + payload, to)
            except BlockingIOError:  # more than the kernel holds while there is no SA
                again += 1
                time.sleep(0.001)

    begun = due = time.monotonic()
    while not os.path.exists(path):
        for n in range(n, n + int(rate) // 100):
            put(n, 0)
        n += 1
        if n == int(rate) // 100:
            print('begun', flush=True)
        due = max(due + 0.01, time.monotonic() - 0.1)
        time.sleep(max(0, due - time.monotonic()))
    took = time.monotonic() - begun
    print(f'{n} sent in {took:.1f} s, {n / took:.0f} a second, {again} of them again', flush=True)
    for _ in range(10):
        put(END, n)
        time.sleep(0.2)


{'receive': receive, 'send': send}[sys.argv[1]](*sys.argv[2:])
