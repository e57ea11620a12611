# library_after_fork.py PEER ADDRESS PORT: what libbtns has set on a socket holds in a child of fork(), and either may use the library: the
# parent expects PEER, the child connects and says who is there, then the parent does; and both at once, each with a socket of its
# own. Prints "child KEY", "parent KEY" and "both"; or the error.
import base64, os, socket, sys

import btns

peer, to = sys.argv[1], (sys.argv[2], int(sys.argv[3]))

def expecting():
    s = socket.socket()
    btns.expect(s, peer)
    return s

def say(name, s):
    print(name, "ed25519:" + base64.b64encode(btns.peer_key(s)).decode(), flush=True)

# The child's part; an error is its exit status.
def in_child(what):
    child = os.fork()
    if not child:
        try:
            what()
        except OSError as e:
            print("child:", e, flush=True)
            os._exit(1)
        os._exit(0)
    return child

s = expecting()
child = in_child(lambda: (btns.connect(s, to), say("child", s)))
if os.waitpid(child, 0)[1]:
    sys.exit(1)
say("parent", s)

def some():
    for _ in range(5):
        one = expecting()
        btns.connect(one, to)
        btns.peer_key(one)
        one.close()

child = in_child(some)
some()
sys.exit(1) if os.waitpid(child, 0)[1] else print("both")
