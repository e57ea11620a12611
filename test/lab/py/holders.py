# holders.py waiting|passed HOST PORT: one socket that two processes have, a parent and its child.
# Prints the child's pid when both have the socket; the parent then waits to be killed.
import array, errno, os, socket, sys, time

kind, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])


def child_that_inherits(s):
    s.setblocking(False)
    if s.connect_ex((host, port)) != errno.EINPROGRESS:
        sys.exit("no connection in progress")
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        time.sleep(600)


def child_that_is_passed_it(s):
    here, there = socket.socketpair()
    if os.fork() == 0:
        s.close()
        here.close()
        _, control, _, _ = there.recvmsg(1, socket.CMSG_SPACE(4))
        fd = array.array("i", control[0][2][:4])[0]
        again = os.dup(fd)
        os.close(fd)
        print(os.getpid(), flush=True)
        time.sleep(600)
        os.close(again)
    s.connect((host, port))
    here.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [s.fileno()]))])


s = socket.socket()
{"waiting": child_that_inherits, "passed": child_that_is_passed_it}[kind](s)
time.sleep(600)
