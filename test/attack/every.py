"""Every request, with every kind of descriptor, by an unprivileged user: nothing of another user's changes. TAP."""
import array
import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import time

import host
from host import NOBODY, as_nobody, check, end, kill, reaches, run, serve, start_btnsd, stop_btnsd
from wire import (BYPASS, LENGTH, LIBRARY, NAMES, NONBLOCK, OWN_POLICY, SOCKET, TYPE, address, ask, attribute, cookie, dial, eventually,
                  flow, send)

PORT = 9000
TEXT = b'format = 1\nprogram "mine" { match = { "*" } rule "no" { at = { accept, connect } action = discard } }\n'
FLOWS = ('CONNECT', 'LISTEN', 'CONNECTING', 'ACCEPTED', 'WHY', 'MAY_ACCEPT')
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def in_namespace():
    """A TCP socket of a network namespace that this user made."""
    here, there = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        libc.unshare(CLONE_NEWUSER | CLONE_NEWNET)
        s = socket.socket()
        s.bind(('0.0.0.0', PORT))
        there.sendmsg([b'x'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [s.fileno()]))])
        os._exit(0)
    _, rights, _, _ = here.recvmsg(1, socket.CMSG_SPACE(4))
    os.waitpid(pid, 0)
    return socket.socket(fileno=array.array('i', rights[0][2][:4])[0])


def descriptors(roots):
    """A name and a list of descriptors for each kind; roots: an idle socket that root made, inherited."""
    listening = socket.create_server(('127.0.0.1', 0))
    connected = socket.create_connection(listening.getsockname())
    keep = [listening, connected, listening.accept()[0]]
    kinds = {'none': [], 'pipe': os.pipe()[:1], 'pidfd': [os.pidfd_open(os.getpid())],
             'path': [os.open('/', os.O_PATH)], 'another user\'s': [roots.fileno()]}
    made = {'idle': socket.socket(), 'unix': socket.socket(socket.AF_UNIX), 'UDP': socket.socket(type=socket.SOCK_DGRAM),
            'netlink': socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 4), 'listening': listening, 'connected': connected,
            'another namespace\'s': in_namespace(), 'IPv6': socket.socket(socket.AF_INET6)}
    for name, s in made.items():
        keep.append(s)
        kinds[name] = [s.fileno()]
    kinds['two'] = kinds['idle'] * 2
    kinds['253'] = kinds['idle'] * 253
    return kinds, keep


def cookie_of(fd):
    try:
        with socket.socket(fileno=os.dup(fd)) as s:
            return cookie(s)
    except OSError:
        return 7


def of_library(head, victim):
    """Policies, peers and calls, to root's server and the neighbour; wrong lengths, numbers and texts."""
    for host, port in (victim['local'], victim['remote'], ('0.0.0.0', 0)):
        where = struct.pack('=H', socket.AF_INET) + struct.pack('!H', port) + socket.inet_aton(host) + bytes(8)
        for flags in (0, NONBLOCK, BYPASS):
            yield head + attribute(0x10003, flags) + attribute(0x10005, 0) + attribute(0x10004, where)
        yield head + attribute(0x10005, 2**32 - 1) + attribute(0x10004, where)
        yield head + attribute(0x10004, where[:5])
    yield head + attribute(0x10004, b'\x02\x00' * 200)
    for what in (attribute(1, 1), attribute(0x106, b'nobody'), attribute(0x106, b', ' * 600), attribute(0x103, b'\xff' * 70), attribute(0x107, 2**32 - 1)):
        yield head + attribute(0x10009, 0) + what
    yield head + attribute(0x10009, 0) * 200
    yield head + attribute(1, 1) * 4000
    yield head + attribute(0x1301, bytes(32))
    yield head + attribute(0x1301, bytes(31)) + attribute(0x1302, 9)
    yield head + struct.pack('=II', 1, 2**32 - 1) + bytes(4)
    yield head + struct.pack('=II', 1, 5) + bytes(5)


def messages(name, fds, victim):
    """Right ones, ones about root's sockets, and broken ones."""
    size, head = LENGTH[name], struct.pack('=HHI', 1, TYPE[name], 1)
    if name in LIBRARY:
        yield from of_library(head, victim)
    own = cookie_of(fds[0]) if fds else 7
    if name in FLOWS:
        for of in (own, victim['cookie'], victim['listener'], 0, 2**64 - 1):
            for flags in (0, NONBLOCK, BYPASS, BYPASS | OWN_POLICY):
                yield flow(name, of, flags, local=victim['local'], remote=victim['remote'])
        yield flow(name, own, local=('0.0.0.0', PORT))
        yield flow(name, own, remote=('10.77.0.2', 7))
        yield flow(name, own, remote=('fd00::1', 7))
        yield flow(name, own)
        yield flow(name, own, remote=('224.0.0.1', 0), policy=12345)
    whole = head + bytes(size - 8) + (TEXT if name.startswith('POLICY') and name[6:] in ('', '_ADD') else b'')
    if name == 'POLICY_ADD':
        whole = head + b'mine'.ljust(64, b'\0') + TEXT
    elif name.startswith('POLICY_'):
        whole = head + struct.pack('=II', 0, 2**32 - 1) + b'mine'.ljust(136, b'\0')
        yield head + struct.pack('=II', 0, 0) + b'mine'.ljust(136, b'\0')
    yield whole
    yield head + os.urandom(size - 8)
    yield whole[:size // 2]
    yield whole[:8]
    yield whole[:3]
    yield b''
    yield whole + b'\0' * 9
    yield struct.pack('=HHI', 2, TYPE[name], 1) + whole[8:]


def attack(roots, victim, inherited, orders, say):
    for s in inherited:
        s.close()
    kinds, keep = descriptors(roots)
    idle = kinds['idle'][0]
    say(ask(flow('CONNECT', cookie_of(idle), remote=('127.0.0.1', 7)), idle)[0])
    say(' '.join(name.replace(' ', '_') for name in kinds))
    for order in os.fdopen(orders):
        name, kind = order.strip().split(' ')
        fds = kinds[kind.replace('_', ' ')]
        for message in messages(name, fds, victim):
            link = dial()
            try:
                send(link, message, *fds)
                if name in ('POLICY', 'POLICY_ADD'): # a client that hangs up before the answer has asked nothing
                    link.recv(8192)
                send(link, message, *fds)
            except OSError:
                pass
            link.close()
        say('done')


def entries():
    """
    The SPD's entries, each a text, without those for marked sockets: they are about no service or user, and stay from
    their first use on until btnsd ends.
    """
    shown = run('ip', 'xfrm', 'policy').stdout
    return {e for e in shown.replace('\n\t', ' ').split('\n') if e and ' mark 0x' not in e}


def false_latches():
    """Cookies of latches of this user's that are about one of root's sockets, as root is shown them."""
    shown = json.loads(run('btnsctl', 'latches', '--json').stdout)
    return [one['cookie'] for one in shown if one['uid'] == NOBODY and one['local_port'] == PORT and one['remote_port'] == victim.neighbour.port]


def rss():
    for line in open(f'/proc/{host.daemon.pid}/status'):
        if line.startswith('VmRSS'):
            return int(line.split()[1])


def fds():
    return len(os.listdir(f'/proc/{host.daemon.pid}/fd'))


class Neighbour:
    """A process in the other namespace, with a connection to root's server."""

    def __init__(self):
        code = f'''
import socket, sys
kept = socket.create_connection(("10.77.0.1", {PORT}))
print(kept.getsockname()[1], flush=True)
for line in sys.stdin:
    try:
        new = socket.create_connection(("10.77.0.1", {PORT}), 20)
        kept.sendall(b"x"), new.sendall(b"y"), new.close()
        print("ok", flush=True)
    except OSError as e:
        print(repr(e), flush=True)
'''
        self.process = subprocess.Popen(['nsenter', '-t', os.environ['NEIGHBOUR'], '-n', '/usr/bin/python3', '-c', code],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
        self.port = int(self.process.stdout.readline())

    def talk(self):
        self.process.stdin.write('go\n')
        return self.process.stdout.readline().strip()


class Victim:
    """Root's clear server, with one connection that stays, and its floor-protected one that is latched."""

    def __init__(self):
        self.server = serve(PORT)
        self.neighbour = Neighbour()
        self.kept = self.server.accept()[0]
        self.kept.settimeout(120)
        self.protected = socket.socket()
        self.protected.bind(('0.0.0.0', PORT + 1))
        ask(flow('LISTEN', cookie(self.protected), local=('0.0.0.0', PORT + 1)), self.protected.fileno())
        self.protected.listen()
        self.facts = {'cookie': cookie(self.kept), 'listener': cookie(self.server), 'local': ('10.77.0.1', PORT),
                      'remote': ('10.77.0.2', self.neighbour.port)}

    def is_well(self):
        said = self.neighbour.talk()
        if said != 'ok':
            return said
        self.server.accept()[0].close()
        return '' if self.kept.recv(1) == b'x' else 'its connection has ended'


def answers():
    return run('timeout', '120', 'btnsctl', 'status').returncode == 0


def accept_one(inherited, say):
    """What this user has accepted it may tell of; how many latches it has then."""
    for s in inherited:
        s.close()
    server = serve(PORT + 2)
    say('listening')
    own = server.accept()[0]
    link = dial()
    send(link, flow('ACCEPTED', cookie(own), local=own.getsockname(), remote=own.getpeername()))
    say(len(json.loads(run('btnsctl', 'latches', '--json').stdout)))
    link.close()


start_btnsd()
victim = Victim()
roots_own = (victim.server, victim.kept, victim.protected)
pid, line = as_nobody(accept_one, roots_own)
line()
check(reaches(PORT + 2) and line() == '1', 'a connection that this user has accepted has a latch')
kill(pid)
roots = socket.socket()
before = entries()
inner, outer = os.pipe()
pid, line = as_nobody(attack, roots, victim.facts, roots_own, inner)
os.close(inner)
check(line() == 'clear', 'an honest request of this user is answered')
kinds = line().split(' ')
check(len(kinds) == 15, 'kinds of descriptors: ' + ', '.join(kinds))


def round_of_all():
    """The second one begins under the policy that the first one left."""
    for name in NAMES + LIBRARY:
        faults = []
        for kind in kinds:
            os.write(outer, f'{name} {kind}\n'.encode())
            said = line()
            gone = before - entries()
            new = [e for e in entries() - before if f'port {PORT} ' in e + ' ' or f'port {PORT + 1} ' in e + ' ']
            ill = victim.is_well()
            told = false_latches()
            if said != 'done' or gone or new or ill or told or host.daemon.poll() is not None:
                faults.append(f'{kind}: {said} {gone} {new} {ill} {told}')
        check(not faults and answers(), f'{name}: nothing of root\'s has changed, and btnsd answers {faults[:3]}')


round_of_all()


def left():
    """Its own blocked sockets are its own; the two entries for shut sockets (BTNS_SHUT_MARK) stand once there was one."""
    return {e for e in entries() ^ before if '  socket ' not in e and 'mark 0x4000/0x4000' not in e}


check(eventually(lambda: not left()), 'when its connections are gone so are its entries in the SPD')
memory, open_fds = rss(), fds()
round_of_all()
check(eventually(lambda: fds() <= open_fds + 2), f'descriptors: {open_fds}, then {fds()}')
check(rss() <= memory + 1024, f'memory: {memory} kB, then {rss()}')
stop_btnsd(signal.SIGKILL)
written = ''.join(open(f, errors='replace').read() for f in ('/run/btns/latches', '/run/btns/latches.new') if os.path.exists(f))
log_before = os.path.getsize(host.LOG)
start_btnsd()
ill = victim.is_well()
well = not ill and eventually(lambda: not before - entries())
check(well, f'nothing comes of what it announced when btnsd is started again {ill} {before - entries()}')
if not well:
    print('what was written down:\n' + written + 'the log since:\n' + open(host.LOG, errors='replace').read()[log_before:])
    print(run('btnsctl', 'latches').stdout + run('ip', '-s', 'xfrm', 'policy').stdout + run('ss', '-tlne').stdout)
stop_btnsd(signal.SIGKILL)
os.truncate('/run/btns/latches', os.path.getsize('/run/btns/latches') - 3)
log_before = os.path.getsize(host.LOG)
start_btnsd()
missing = before - entries()
check('is refused' in open(host.LOG, errors='replace').read()[log_before:], 'latches that are not written down whole are refused')
check(not missing, f'that costs no listener its floor {missing}')
kill(pid)
stop_btnsd()
end()
