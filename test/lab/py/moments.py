# moments.py serve PORT: echoes lines; what it closes is gone at once, as after a power cut.
# moments.py new ADDRESS PORT SECONDS: tries until a new connection is answered; prints after how many seconds that was,
#   or with what the first and the last try ended.
# moments.py live ADDRESS PORT FILE: one connection that asks 5 times a second until FILE is there; prints its longest gap.
# moments.py fetch ADDRESS PORT OCTETS: has so many octets sent back; prints after how many seconds they were there.
# moments.py quick ADDRESS PORT COUNT: so many connections one after the other; prints after how many seconds all were answered.
import errno, os, socket, struct, sys, threading, time

now = time.monotonic


def echo(conn):
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    try:
        while data := conn.recv(1 << 16):
            for word in data.decode().split():
                conn.sendall(b'\n' if word == 'x' else b'.' * int(word))
    except OSError:
        pass
    conn.close()


def serve(port):
    s = socket.socket(socket.AF_INET6)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    s.bind(('::', port))
    s.listen(1000)
    while True:
        threading.Thread(target=echo, args=[s.accept()[0]], daemon=True).start()


def ask(s):
    s.sendall(b'x\n')
    return bool(s.recv(10))


def new(address, port, seconds):
    start, why, first = now(), 'no time', None
    while now() - start < seconds:
        try:
            with socket.create_connection((address, port), seconds) as s:
                if ask(s):
                    return '%.1f' % (now() - start)
        except OSError as e:
            why = errno.errorcode.get(e.errno, str(e))
            first = first or '%s after %.1f' % (why, now() - start)
            if e.errno in (errno.ENOKEY, errno.EPERM):
                break
            time.sleep(0.1)
    return 'no (%s; last %s at %.1f)' % (first, why, now() - start)


def live(address, port, end):
    with socket.create_connection((address, port), 60) as s:
        s.settimeout(120)
        print('up', flush=True)
        worst, start = 0, now()
        try:
            while not os.path.exists(end):
                start = now()
                if not ask(s):
                    return 'closed'
                worst = max(worst, now() - start)
                time.sleep(0.2)
        except OSError as e:
            return '%s after %.1f' % (errno.errorcode.get(e.errno, str(e)), now() - start)
        return '%.1f' % worst


def fetch(address, port, octets):
    start = now()
    with socket.create_connection((address, port), 60) as s:
        s.settimeout(120)
        s.sendall(b'%d\n' % octets)
        while octets > 0:
            data = s.recv(1 << 16)
            if not data:
                return 'closed'
            octets -= len(data)
    return '%.1f' % (now() - start)


def quick(address, port, count):
    start = now()
    for _ in range(count):
        with socket.create_connection((address, port), 60) as s:
            s.settimeout(60)
            if not ask(s):
                return 'closed'
    return '%.1f' % (now() - start)


what, *rest = sys.argv[1:]
if what == 'serve':
    serve(int(rest[0]))
else:
    last = rest[2] if what == 'live' else int(rest[2])
    print({'new': new, 'live': live, 'fetch': fetch, 'quick': quick}[what](rest[0], int(rest[1]), last))
