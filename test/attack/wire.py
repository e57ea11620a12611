"""What any process can send to btnsd: raw requests, with whatever descriptors. See libapi/wire/wire.h."""
import array
import os
import socket
import struct
import time

SOCKET = os.environ.get('BTNS_SOCKET_PATH', '/run/btns/btnsd.sock')
NAMES = ('CONNECT LISTEN CONNECTING ACCEPTED WHY EXPLAIN POLICY STATUS LATCHES PEERS RELOAD FORGET CANDIDATES WATCH TRY '
         'NOLATCH POLICY_ADD POLICY_REMOVE POLICY_BLOCK POLICY_LIST PIN MAY_ACCEPT RING SPEAK').split()
# libbtns's: a header, and attributes.
LIBRARY = 'SET_POLICY SET_PEER GET_POLICY LIBRARY_CONNECT LIBRARY_LISTEN INQUIRE LIBRARY_WATCH'.split()
TYPE = {name: number for first, names in ((1, NAMES), (32, LIBRARY)) for number, name in enumerate(names, first)}
# The length of each request; those with a text have more behind it.
LENGTH = {'CONNECT': 80, 'LISTEN': 80, 'CONNECTING': 80, 'ACCEPTED': 80, 'WHY': 80, 'MAY_ACCEPT': 80, 'EXPLAIN': 1072, 'POLICY': 8, 'STATUS': 8,
          'LATCHES': 8, 'PEERS': 8, 'RELOAD': 8, 'FORGET': 64, 'CANDIDATES': 6204, 'WATCH': 16, 'TRY': 1104, 'NOLATCH': 48,
          'POLICY_ADD': 72, 'POLICY_REMOVE': 152, 'POLICY_BLOCK': 152, 'POLICY_LIST': 152, 'PIN': 128, 'RING': 8, 'SPEAK': 8}
LENGTH.update({name: 8 for name in LIBRARY})
NONBLOCK, REQUIRE, PREFER, BYPASS, OWN_POLICY = 1, 2, 4, 0x20, 0x40
VERDICTS = {1: 'clear', 2: 'protected', 3: 'unprotected', 4: 'denied'}
REP_VERDICT = 64
SO_COOKIE = 57


def address(where=None):
    if not where:
        return bytes(24)
    host, port = where
    family = socket.AF_INET6 if ':' in host else socket.AF_INET
    return struct.pack('=HHI16s', family, port, 0, socket.inet_pton(family, host))


def cookie(sock):
    return struct.unpack('=Q', sock.getsockopt(socket.SOL_SOCKET, SO_COOKIE, 8))[0]


def flow(name, of=0, flags=0, local=None, remote=None, policy=0, protocol=6):
    return struct.pack('=HHIIIQQ', 1, TYPE[name], 1, flags, protocol, of, policy) + address(local) + address(remote)


def attribute(number, value):
    value = value if isinstance(value, bytes) else struct.pack('=I', value)
    return struct.pack('=II', number, len(value)) + value + bytes(-len(value) % 4)


def dial():
    link = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    link.connect(SOCKET)
    link.settimeout(120)
    return link


def send(link, message, *descriptors):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', descriptors))] if descriptors else []
    link.sendmsg([message], rights)


def verdict(link):
    """(verdict, errno, text), or ('closed', 0, '')."""
    try:
        answer = link.recv(8192)
    except ConnectionResetError:
        answer = b''
    if len(answer) < 40 or struct.unpack_from('=H', answer, 2)[0] != REP_VERDICT:
        return 'closed', 0, ''
    kind, error, _ = struct.unpack_from('=III', answer, 8)
    return VERDICTS[kind], error, answer[40:552].split(b'\0')[0].decode(errors='replace')


def ask(message, *descriptors):
    link = dial()
    send(link, message, *descriptors)
    got = verdict(link)
    link.close()
    return got


def eventually(what, seconds=180):  # a TIME_WAIT lasts for 60
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True
