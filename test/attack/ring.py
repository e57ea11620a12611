"""Memory shared with btnsd, filled with rubbish by an unprivileged user and by a root process that has become another's. TAP."""
import fcntl
import json
import mmap
import os
import random
import signal
import socket
import struct

import host
from host import NOBODY, as_nobody, check, end, kill, run, start_btnsd, stop_btnsd
from wire import TYPE, ask, cookie, dial, eventually, flow, send

SIZE, SLOTS, SLOT, HEAD, FULL = 32768, 340, 96, 128, 2
SEALS = 7


def answers():
    return run('timeout', '120', 'btnsctl', 'status').returncode == 0


def memory(size=SIZE, seals=SEALS):
    fd = os.memfd_create('ring', os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(fd, size)
    if seals:
        fcntl.fcntl(fd, 1033, seals)
    return fd


def offer():
    """A link, and the memory that was offered on it."""
    link, fd = dial(), memory()
    shared = mmap.mmap(fd, SIZE)
    send(link, struct.pack('=HHI', 1, TYPE['RING'], 1), fd)
    os.close(fd)
    return link, shared


def looks(shared):
    return eventually(lambda: struct.unpack_from('=Q', shared)[0] != 0)


def fill(shared, slot, message):
    at = HEAD + slot * SLOT
    shared[at + 16:at + 16 + len(message)] = message
    shared[at:at + 8] = struct.pack('=Q', FULL)


def is_closed(link):
    try:
        return eventually(lambda: link.recv(1) == b'')
    except OSError:
        return True


def rubbish(say):
    for seed in range(8):
        link, shared = offer()
        say('looks' if looks(shared) else 'does not look')
        shared[:] = random.Random(seed).randbytes(SIZE)
        for slot in range(SLOTS):
            shared[HEAD + slot * SLOT:HEAD + slot * SLOT + 8] = struct.pack('=Q', FULL)
        say('closed' if is_closed(link) else 'open')
    link, shared = offer()
    looks(shared)
    fill(shared, 0, struct.pack('=HHI', 1, TYPE['RELOAD'], 1) + bytes(72))
    say('closed' if is_closed(link) else 'open')


def writes_on(victims, say):
    """Valid messages about somebody else's sockets, rubbish between them, without end."""
    link, shared = offer()
    looks(shared)
    say('begins')
    messages = [flow(name, of, remote=('10.77.0.2', 7), local=('10.77.0.1', 9000)) for name in ('CONNECTING', 'ACCEPTED')
                for of in (victims, 0, 2**64 - 1)]
    n = 0
    while True:
        fill(shared, n % SLOTS, messages[n % len(messages)])
        shared[0:8] = struct.pack('=Q', n + 1)
        shared[16:24] = struct.pack('=Q', n * 0x9e3779b97f4a7c15 % 2**64)  # connections that it says it has accepted
        n += 1


def victim_is_well(server, client):
    client.send(b'x')
    return server.recv(1) == b'x'


start_btnsd()
listener = socket.create_server(('127.0.0.1', 0))
client = socket.create_connection(listener.getsockname())
server = listener.accept()[0]

pid, line = as_nobody(rubbish)
said = [line() for _ in range(17)]
check(said[:16:2] == ['looks'] * 8, 'btnsd looks into a user\'s memory')
check(said[1:16:2] == ['closed'] * 8, 'rubbish there closes the link that it was offered on')
check(said[16] == 'closed', 'and so does a request that waits for an answer')
os.waitpid(pid, 0)
check(answers() and host.daemon.poll() is None, 'btnsd goes on')

pid, line = as_nobody(writes_on, cookie(server))
check(line() == 'begins', 'a user writes without end')
check(all(answers() for _ in range(5)), 'others are answered meanwhile')
check(victim_is_well(server, client), 'the sockets that it names are what they were')
kill(pid)
check(eventually(lambda: not [m for m in open(f'/proc/{host.daemon.pid}/maps') if '/memfd:ring' in m]), 'when it has ended its memory is gone')

# Root's ring, filled by another user.
link, shared = offer()
check(looks(shared), 'root has memory shared with btnsd, too')
os.setgroups([])
child, told = os.pipe()
pid = os.fork()
if pid == 0:
    own, mine = offer()
    looks(mine)
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    s = socket.create_connection(listener.getsockname())
    fill(mine, 3, flow('CONNECTING', 4242, remote=('10.77.0.2', 7)))
    os.write(told, b'x')
    signal.pause()
os.read(child, 1)


def owners():
    listed = run('btnsctl', '--json', 'latches').stdout
    return {latch['uid'] for latch in json.loads(listed) if latch['cookie'] == 4242}


found = set()
eventually(lambda: found.update(owners()) or found)
check(found == {NOBODY}, f'what it tells counts as that user\'s, not as root\'s: {found}')
kill(pid)
check(answers(), 'btnsd goes on')
stop_btnsd()
end()
