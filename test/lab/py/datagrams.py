"""datagrams.py answer PORT [ADDRESS [UID]] | ask ADDRESS PORT [TEXT [SECONDS]] | many ADDRESS PORT COUNT | aio ADDRESS PORT |
from SOURCE ADDRESS PORT [TEXT] | until ADDRESS PORT FILE | talk ADDRESS PORT [connected | errors] | forge SOURCE ADDRESS PORT TEXT

A server of datagrams, and clients of it."""
import asyncio, errno, os, socket, struct, sys, time


def family(address):
    return socket.AF_INET6 if ':' in address else socket.AF_INET


def waits(s, seconds):
    """The socket blocks, which one with settimeout() does not: a busy btnsd is waited for. recv() fails with BlockingIOError."""
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack('ll', int(seconds), int(seconds % 1 * 1000000)))


def answer(port, address='::', uid=''):
    """uid: it binds as who started it, and answers as this user."""
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    try:
        s.bind((address, int(port)))
    except OSError as e:
        sys.exit('bind: ' + errno.errorcode[e.errno])
    if uid:
        os.setuid(int(uid))
    print('bound', flush=True)
    while True:
        data, who = s.recvfrom(65536)
        print('got', data.decode(), flush=True)
        try:
            s.sendto(b'answer to ' + data, who)
        except OSError as e:
            print('sendto:', errno.errorcode[e.errno], flush=True)


def ask(address, port, text='a question', patience='20'):
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    waits(s, float(patience))
    try:
        s.sendto(text.encode(), (address, int(port)))
        print(s.recvfrom(65536)[0].decode(), flush=True)
    except BlockingIOError:
        sys.exit('no answer')
    except OSError as e:
        sys.exit('sendto: ' + errno.errorcode[e.errno])


def ask_from(source, address, port, text='%d'):
    """Three questions, each of which names its source address itself: IP_PKTINFO, IPV6_PKTINFO."""
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    waits(s, 20)
    if ':' in address:
        name = (socket.IPPROTO_IPV6, socket.IPV6_PKTINFO, socket.inet_pton(socket.AF_INET6, source) + bytes(4))
    else:
        name = (socket.IPPROTO_IP, 8, bytes(4) + socket.inet_aton(source) + bytes(4))
    for i in range(3):
        s.sendmsg([text.replace('%d', str(i)).encode()], [name], 0, (address, int(port)))
        print(s.recvfrom(100)[0].decode(), flush=True)


def many(address, port, count):
    """So many questions from one socket, one after the other."""
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    waits(s, 20)
    for i in range(int(count)):
        s.sendto(b'%d' % i, (address, int(port)))
        assert s.recvfrom(100)[0] == b'answer to %d' % i
    print('all', flush=True)


def until(address, port, path):
    """One question after the other, until there is a file of that name. None of them, or of the answers, may be lost."""
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    waits(s, 30)
    n = 0
    while not os.path.exists(path):
        for n in range(n, n + 100):
            s.sendto(b'%d' % n, (address, int(port)))
            assert s.recvfrom(100)[0] == b'answer to %d' % n, n
        n += 1
        if n == 100:
            print('begun', flush=True)
    print(n, 'answered', flush=True)


def talk(address, port, how=''):
    """A question every 0.1 s from one socket, which prints what becomes of it; until it is killed. It is connected, or wants ICMP
    errors about what it sends (IP_RECVERR, IPV6_RECVERR)."""
    s = socket.socket(family(address), socket.SOCK_DGRAM)
    connected = how == 'connected'
    waits(s, 0.1)
    if connected:
        s.connect((address, int(port)))
    if how == 'errors':
        s.setsockopt(*((socket.IPPROTO_IPV6, 25) if ':' in address else (socket.IPPROTO_IP, 11)), 1)
    for i in range(10 ** 6):
        text = b'talk %d' % i
        try:
            s.send(text) if connected else s.sendto(text, (address, int(port)))
            if i == 0:
                print('from port', s.getsockname()[1], flush=True)
            try:
                print(s.recv(100).decode(), flush=True)
            except BlockingIOError:
                continue
            time.sleep(0.1)
        except OSError as e:
            print(errno.errorcode[e.errno], flush=True)
            time.sleep(0.1)


def forge(source, address, port, text):
    """One datagram from an address that is not this host's."""
    data = text.encode()
    udp = struct.pack('!HHHH', 4000, int(port), 8 + len(data), 0) + data
    ip = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 0, 1, 0, 64, 17, 0, socket.inet_aton(source), socket.inet_aton(address))
    s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    s.sendto(ip + udp, (address, 0))


def aio(address, port):
    class Client(asyncio.DatagramProtocol):
        def connection_made(self, transport):
            transport.sendto(b'by asyncio')

        def datagram_received(self, data, who):
            done.set_result(data)

        def error_received(self, error):
            done.set_exception(error)

    async def main():
        global done
        loop = asyncio.get_running_loop()
        done = loop.create_future()
        await loop.create_datagram_endpoint(Client, remote_addr=(address, int(port)))
        print((await asyncio.wait_for(done, 20)).decode())
    asyncio.run(main())


{'answer': answer, 'ask': ask, 'from': ask_from, 'many': many, 'aio': aio, 'until': until, 'talk': talk, 'forge': forge}[sys.argv[1]](*sys.argv[2:])
