# ports.py N [LOCAL-PORT]: opens N connections to bob:8006 and keeps them open; prints the local port of each, or its error.
import errno, socket, sys
kept = []
for _ in range(int(sys.argv[1])):
    try: kept.append(socket.create_connection(("10.77.0.2", 8006), source_address=("", int(sys.argv[2])) if sys.argv[2:] else None))
    except OSError as e:
        print(errno.errorcode[e.errno])
        continue
    print(kept[-1].getsockname()[1])
