# past_library.py PEER ADDRESS PORT: an IPv6 socket expects PEER (libbtns), and the program then goes past the library to an
# IPv4 address: by connect(), and by TCP Fast Open with an octet in the first segment. Prints what each call says.
import errno, socket, sys

import btns

def say(call):
    s = socket.socket(socket.AF_INET6)
    s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    btns.expect(s, sys.argv[1])
    s.setblocking(False)
    try:
        call(s, ("::ffff:" + sys.argv[2], int(sys.argv[3])))
        print("ok")
    except OSError as e:
        print(errno.errorcode[e.errno])

say(lambda s, to: s.connect(to))
say(lambda s, to: s.sendto(b"secret", socket.MSG_FASTOPEN, to))
