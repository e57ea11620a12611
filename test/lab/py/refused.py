"""refused.py ADDRESS PORT TEXT connected|queue

Sends datagrams until the kernel has an ICMP error about one, and prints the errno: of a connected socket's calls, or from the error
queue of a socket that is not connected (IP_RECVERR)."""
import errno, select, socket, struct, sys, time

address, port, text, how = sys.argv[1:]
six = ':' in address
s = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
s.setblocking(False)
if how == 'connected':
    s.connect((address, int(port)))
else:
    s.setsockopt(socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, 25 if six else 11, 1)


def send():
    if how == 'connected':
        s.send(text.encode())
    else:
        s.sendto(text.encode(), (address, int(port)))


def queued():
    """The errno in the queue, if its origin is an ICMP error (struct sock_extended_err)."""
    _, control, _, _ = s.recvmsg(100, 512, socket.MSG_ERRQUEUE)
    number, origin = struct.unpack_from('=IB', control[0][2])
    return number if origin in (2, 3) else 0


end = time.monotonic() + 60
while time.monotonic() < end:
    try:
        send()
        select.select([s], [], [], 0.2)
        s.recv(100)
    except BlockingIOError:
        continue
    except OSError as e:
        print(errno.errorcode[queued() if how == 'queue' and e.errno != errno.EPERM else e.errno], flush=True)
        sys.exit()
sys.exit('no error')
