# kernel_has_ao.py: prints "yes" if the kernel has TCP-AO (it knows the socket option TCP_AO_INFO), or the errno.
import errno, socket
try:
    socket.socket().getsockopt(socket.IPPROTO_TCP, 40, 48)
    print("yes")
except OSError as e:
    print(errno.errorcode[e.errno])
