# listen_for.py PORT PEER: a listener with the library's Python binding, for that peer alone; prints the key of each that comes.
import base64, socket, sys

import btns

s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", int(sys.argv[1])))
btns.expect(s, sys.argv[2])
btns.listen(s)
while True:
    c, _ = s.accept()
    print("ed25519:" + base64.b64encode(btns.peer_key(c)).decode(), flush=True)
    c.close()
