# who_is_it.py ADDRESS PORT [PEER]: connects by the library's Python binding, only to PEER if one is given, and prints who is at the
# other end and its key, base64; or the error.
import base64, errno, socket, sys

import btns

s = socket.socket()
try:
    if len(sys.argv) > 3:
        btns.expect(s, sys.argv[3])
    btns.connect(s, (sys.argv[1], int(sys.argv[2])))
    print(btns.who(s))
    print("ed25519:" + base64.b64encode(btns.peer_key(s)).decode())
except OSError as e:
    print(errno.errorcode[e.errno], e.strerror)
