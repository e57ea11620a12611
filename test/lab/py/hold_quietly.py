# hold_quietly.py ADDRESS PORT: keeps one connection open, without unread data, until it is killed: the kernel then goes on
# with the connection alone.
import signal, socket, sys
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
signal.pause()
