# from_where.py HOST PORT COUNT [nonblock] [later] [tos=N] [prefer=N] [ports=N] [bind=A] [free]: COUNT connections one after the other;
# prints for each the local address, and the line that the server sent. tos, prefer (IPV6_ADDR_PREFERENCES), ports (the
# local ports from N on) and bind are set before connect(), with free (IPV6_FREEBIND) before bind; later: not for the first connection, so that the others are warm.
import os, select, socket, sys

host, port, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
given = dict(w.split("=") if "=" in w else (w, "1") for w in sys.argv[4:])
family = socket.AF_INET6 if ":" in host else socket.AF_INET
for i in range(count):
    s = socket.socket(family)
    words = {} if i == 0 and "later" in given else given
    if "tos" in words:
        level, option = (41, socket.IPV6_TCLASS) if family == socket.AF_INET6 else (0, socket.IP_TOS)
        s.setsockopt(level, option, int(words["tos"], 0))
    if "prefer" in words:
        s.setsockopt(41, 72, int(words["prefer"], 0))
    if "free" in words:
        s.setsockopt(41, 78, 1)
    if "bind" in words:
        s.bind((words["bind"], 0))
    if "ports" in words:
        s.bind(("", int(words["ports"]) + i))
    if "nonblock" in given:
        s.setblocking(False)
        s.connect_ex((host, port))
        select.select([], [s], [], 900)
        error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        s.setblocking(True)
    else:
        error = s.connect_ex((host, port))
    if error:
        print("error", os.strerror(error), flush=True)
        break
    s.settimeout(900)
    print(s.getsockname()[0], s.recv(64).decode().strip(), flush=True)
    s.close()
