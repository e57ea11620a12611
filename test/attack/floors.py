"""Floors: no dishonest claim shuts another user's server, and no honest server is open for a moment. TAP."""
import errno
import os
import signal
import socket
import struct
import subprocess
import time

from host import LOG, as_nobody, check, datagram_socket, end, floors, kill, reaches, run, says, serve, start_btnsd, stop_btnsd
from wire import ask, attribute, cookie, dial, eventually, flow, send

PORT = 8080


def bound(port, device=None):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if device:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device)
    s.bind(('0.0.0.0', port))
    return s


def claim(s):
    return ask(flow('LISTEN', cookie(s), local=s.getsockname()), s.fileno())


def policy(s, attributes):
    """Sets the socket's own policy, or takes it back; returns the errno that btnsd answers."""
    link = dial()
    send(link, flow('SET_POLICY')[:8] + attributes, s.fileno())
    answer = link.recv(8192)
    link.close()
    return struct.unpack_from('=i', answer, 16)[0]


def claims(port, orders, say):
    """Asks for a floor; what follows is what `orders` says, a line each."""
    s = bound(port)
    got = claim(s)
    say(got[0] if got[0] == 'protected' else str(got))
    for order in os.fdopen(orders):
        order = order.strip()
        if order == 'listen':
            s.listen()
        elif order == 'shutdown':
            s.shutdown(socket.SHUT_RDWR)
        elif order == 'policy':
            say(str([policy(s, attribute(0x101, 1)), policy(s, b'')]))
            continue
        elif order == 'connect':
            say(errno.errorcode.get(s.connect_ex(('127.0.0.1', port)), 'none'))
            continue
        elif order == 'ask':
            say(' '.join(str(x) for x in claim(s)[:2]))
            continue
        say(order)


class Claimant:
    def __init__(self, port, uid=65534, what=claims):
        orders, self.orders = os.pipe()
        os.set_inheritable(self.orders, False)
        self.pid, self.line = as_nobody(what, port, orders, uid=uid)
        os.close(orders)
        self.verdict = self.line()

    def tell(self, order):
        os.write(self.orders, (order + '\n').encode())
        return self.line()

    def end(self):
        kill(self.pid)
        os.close(self.orders)


def never_listens():
    c = Claimant(PORT)
    check(c.verdict == 'protected' and floors(PORT), 'a socket that does not listen yet has a floor')
    check(eventually(lambda: not floors(PORT)), 'it goes when the socket does not listen')
    c.tell('listen')
    check(eventually(lambda: floors(PORT) > 0), 'it comes when it listens after all')
    check(not reaches(PORT), 'and was not open between')
    c.end()
    check(eventually(lambda: not floors(PORT)), 'and goes with its process')


def takes_back_a_policy():
    c = Claimant(PORT)
    check(eventually(lambda: not floors(PORT)) and c.tell('connect') == 'EPERM', 'a socket whose floor has gone is blocked')
    got = c.tell('policy')
    check(got == '[0, 0]', f'its program sets a policy of its own, and takes it back: {got}')
    check(c.tell('connect') == 'EPERM', 'which does not unblock it')
    c.end()


def another_listens():
    c = Claimant(PORT)
    server = serve(PORT)
    check(eventually(lambda: reaches(PORT)), "root's own server is not shut by a user's claim to its port")
    check("another user's program listens there" in open(LOG).read(), 'the claim gives way, before its time is over')
    check(c.tell('ask') == 'denied 98', 'and while it listens no user has a floor there: EADDRINUSE')
    check(reaches(PORT), 'it is open still')
    server.close()
    c.end()


def listens_no_more():
    c = Claimant(PORT)
    c.tell('listen')
    check(floors(PORT) > 0, 'a listener has a floor')
    c.tell('shutdown')
    server = serve(PORT)
    check(eventually(lambda: reaches(PORT)), "it does not shut root's server when it listens no more")
    server.close()
    c.end()


def hears(port):
    try:
        socket.create_connection(('127.0.0.1', port), 0.5).close()
    except OSError:
        return False
    return True


def two_claims():
    honest, rival = Claimant(PORT, 65533), Claimant(PORT)
    check((honest.verdict, rival.verdict) == ('protected', 'protected'), f'two users are about to listen on one port: {honest.verdict}, {rival.verdict}')
    honest.tell('listen')
    check(eventually(lambda: hears(PORT)), 'who listens first has the floor, and hears')
    check(floors(PORT) and not reaches(PORT), 'and is not open')
    check(rival.tell('ask') == 'denied 98', 'the other one has none')
    rival.end()
    honest.end()


MANY = 200


def listens_at_many(say):
    """Listens at each port as soon as it has the floor, as fast as can be."""
    sockets = [bound(PORT + 100 + i) for i in range(MANY)]
    refused = []
    for s in sockets:
        got = claim(s)
        if got[0] != 'protected':
            refused.append(got)
        s.listen()
    say(str(refused[:1]))
    signal.pause()


def claims_many(say):
    """Asks for all floors, and listens at none."""
    sockets = [bound(PORT + 100 + i) for i in range(MANY)]
    got = [claim(s) for s in sockets]
    say(f"{sum(g[0] == 'protected' for g in got)} {got[-1][2]}")
    signal.pause()


def many_ports():
    pid, line = as_nobody(listens_at_many)
    got = line()
    check(got == '[]', f'a server of {MANY} ports gets all its floors, however fast it listens: {got}')
    kill(pid)
    check(eventually(lambda: not floors(PORT + 100)), 'which go with it')
    pid, line = as_nobody(claims_many)
    got = line()
    check(got.startswith('64 ') and 'limit floors' in got, f'a program that listens at none of its ports gets a few: {got}')
    kill(pid)


def wrong_sockets(say):
    say(claim(bound(PORT, b'lo'))[:2])
    server = bound(PORT + 1)
    server.listen()
    client = socket.create_connection(('127.0.0.1', PORT + 1))
    connected, _ = server.accept()
    say(claim(connected)[:2])
    say(claim(client)[:2])


def refused():
    pid, line = as_nobody(wrong_sockets)
    check('denied' in line(), 'a socket of one interface gets no floor: the port is others\' on others')
    check('denied' in line() and 'denied' in line(), 'nor do connected ones, whose port is a server\'s')
    kill(pid)
    check(not floors(PORT) and not floors(PORT + 1), 'and nothing is in the SPD')


def honest(say):
    for delay in (0, 0.001, 0.02, 0.3, 3.5):
        s = bound(PORT)
        verdict = claim(s)[0]
        time.sleep(delay)
        s.listen()
        say(verdict)
        s.settimeout(5)
        try:
            s.accept()
            say('open')
        except socket.timeout:
            say('shut')
        s.close()


def never_open():
    code = ('import socket\nwhile True:\n s = socket.socket(); s.settimeout(0.02)\n try:\n  s.connect(("10.77.0.1", %d))\n except OSError: pass\n s.close()') % PORT
    caller = subprocess.Popen(['nsenter', '-t', os.environ['NEIGHBOUR'], '-n', '/usr/bin/python3', '-c', code])
    pid, line = as_nobody(honest)
    got = [line() for _ in range(10)]
    check(got == ['protected', 'shut'] * 5, 'a server is never open, however late it listens: %s' % got)
    caller.kill()
    caller.wait()
    kill(pid)


def claims_datagrams(port, orders, say, host='10.77.0.1'):
    """A datagram socket, which it shares: asks for a floor, and tells what it hears when it is asked to."""
    s = datagram_socket(port, host)
    s.setblocking(False)

    def asks():
        say(' '.join(str(x) for x in ask(flow('LISTEN', cookie(s), local=s.getsockname(), protocol=17), s.fileno())[:2]))
    asks()
    for order in os.fdopen(orders):
        if order == 'ask\n':
            asks()
            continue
        try:
            say(str(len(s.recv(100))))
        except OSError as e:
            say(errno.errorcode[e.errno])


def hears_datagram(s, port):
    s.settimeout(0.3)
    says(port)
    try:
        return s.recv(100) == b'x'
    except socket.timeout:
        return False


def shared_datagrams():
    """Of datagram sockets that are shared, several users' can be at one port, and the floor is under all of them."""
    c = Claimant(PORT, what=claims_datagrams)
    check(c.verdict == 'protected 0' and floors(PORT), f'a datagram socket has a floor: {c.verdict}')
    server = datagram_socket(PORT)
    check(eventually(lambda: not floors(PORT)), "it gives way when root's program shares the port")
    says(PORT)
    check(c.tell('hear') == 'EAGAIN', 'the socket that had it hears nothing in the clear')
    check(c.tell('ask') == 'denied 98', 'and gets no other meanwhile: EADDRINUSE')
    exact = datagram_socket(PORT, '10.77.0.1')
    check(hears_datagram(exact, PORT), "root's own is not shut")
    exact.close()
    server.close()
    check(c.tell('ask') == 'protected 0' and floors(PORT), 'afterwards it has one again')
    c.end()
    check(eventually(lambda: not floors(PORT)), 'which goes with it')


def restart():
    c, late = Claimant(PORT), Claimant(PORT + 1)
    c.tell('listen')
    stop_btnsd(signal.SIGKILL)
    check(floors(PORT) and floors(PORT + 1), 'floors outlive btnsd')
    server = serve(PORT + 1)
    start_btnsd()
    check(floors(PORT) and not reaches(PORT), 'the next one takes on that of a listener made just before')
    check(eventually(lambda: reaches(PORT + 1)), "and takes up that of a socket that does not listen: root's server there is open")
    c.end()
    check(eventually(lambda: not floors(PORT)), 'it goes with its listener')
    late.end()
    server.close()


with open('/etc/btns/policy.d/50-datagrams.conf', 'w') as shared:
    shared.write(f"""format = 1
program "datagrams" {{
  match = "*"
  rule "shared" {{
    at = accept
    protocol = udp
    port = {PORT}
    action = protect
  }}
}}
""")
start_btnsd()
for part in (never_listens, takes_back_a_policy, another_listens, listens_no_more, two_claims, many_ports, refused, never_open, shared_datagrams, restart):
    part()
stop_btnsd()
check(not run('ip', 'xfrm', 'policy').stdout, 'nothing is left')
end()
