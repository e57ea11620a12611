"""rewrite_connect.py CGROUP FROM TO PORT: connect() to the IPv4 address FROM by the group's processes goes to TO, port PORT; FROM "-": no more."""
import ctypes
import os
import socket
import struct
import sys

SYS_BPF, PROG_LOAD, PROG_ATTACH, PROG_DETACH = 321, 5, 8, 9
CGROUP_SOCK_ADDR, INET4_CONNECT = 18, 10
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attributes):
    buffer = ctypes.create_string_buffer(attributes)
    rc = libc.syscall(SYS_BPF, command, buffer, len(attributes))
    if rc < 0:
        raise OSError(ctypes.get_errno(), f'bpf command {command}: {os.strerror(ctypes.get_errno())}')
    return rc


def instruction(code, to=0, of=0, offset=0, value=0):
    return struct.pack('=BBhi', code, to | of << 4, offset, value)


def number(address):
    return struct.unpack('=i', socket.inet_aton(address))[0]


group = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
if sys.argv[2] == '-':
    bpf(PROG_DETACH, struct.pack('=IIII', group, 0, INET4_CONNECT, 0))
    sys.exit()
LOAD, STORE, SET, UNLESS, EXIT = 0x61, 0x63, 0xb7, 0x56, 0x95
IP, PORT = 4, 24  # in struct bpf_sock_addr
program = ctypes.create_string_buffer(b''.join([
    instruction(LOAD, 2, 1, IP),
    instruction(UNLESS, 2, offset=4, value=number(sys.argv[2])),
    instruction(SET, 2, value=number(sys.argv[3])), instruction(STORE, 1, 2, IP),
    instruction(SET, 2, value=socket.htons(int(sys.argv[4]))), instruction(STORE, 1, 2, PORT),
    instruction(SET, 0, value=1), instruction(EXIT)]))
licence = ctypes.create_string_buffer(b'GPL')
loaded = bpf(PROG_LOAD, struct.pack('=IIQQIIQII16sII', CGROUP_SOCK_ADDR, (len(program) - 1) // 8, ctypes.addressof(program),
                                    ctypes.addressof(licence), 0, 0, 0, 0, 0, b'rewrite', 0, INET4_CONNECT))
bpf(PROG_ATTACH, struct.pack('=IIII', group, loaded, INET4_CONNECT, 0))
