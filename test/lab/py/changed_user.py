# changed_user.py ADDRESS PORT: as root, connects twice, twice as user 65534, and once as root again; prints the results.
import errno, os, socket, sys
def attempt():
    try: socket.create_connection((sys.argv[1], int(sys.argv[2]))); return "connected"
    except OSError as e: return errno.errorcode[e.errno]
first = attempt(), attempt()
os.setresuid(65534, 65534, 0)
then = attempt(), attempt()
os.setresuid(0, 0, 0)
print(*first, *then, attempt())
