"""destinations.py COUNT PREFIX PORT: one socket sends a datagram to each of COUNT addresses, as a resolver does in its life.

Prints how many were sent, what the others got, and the longest that a call took."""
import collections, errno, socket, sys, time

count, prefix, port = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
what, longest, answers = collections.Counter(), 0, 0


def read():
    global answers
    try:
        while True:
            s.recvfrom(100, socket.MSG_DONTWAIT)
            answers += 1
    except BlockingIOError:
        pass


begun = time.monotonic()
for n in range(1, count + 1):
    before = time.monotonic()
    try:
        s.sendto(b'question %d' % n, (f'{prefix}{n:x}', port))
        what['sent'] += 1
    except OSError as e:
        what[errno.errorcode[e.errno]] += 1
    longest = max(longest, time.monotonic() - before)
    read()
took = time.monotonic() - begun
end = time.monotonic() + 10
while answers < what['sent'] and time.monotonic() < end:
    time.sleep(0.1)
    read()
print(' '.join(f'{k}: {v}' for k, v in what.items()), f'answers: {answers} longest: {longest:.3f} s all: {took:.1f} s', flush=True)
