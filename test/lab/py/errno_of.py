# errno_of.py ADDRESS PORT: makes a blocking connect(); prints "connected" or the name of the error.
import errno, socket, sys
s = socket.socket(socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET)
try:
    s.connect((sys.argv[1], int(sys.argv[2])))
    print("connected")
except OSError as e:
    print(errno.errorcode[e.errno])
