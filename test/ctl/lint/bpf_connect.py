# bpf_connect.py CGROUP COMMAND...: runs COMMAND while a BPF program that allows everything stands at connect() of CGROUP
import ctypes, os, struct, subprocess, sys

PROG_LOAD, PROG_ATTACH, PROG_DETACH = 5, 8, 9
SOCK_ADDR, INET4_CONNECT = 18, 10
libc = ctypes.CDLL(None, use_errno=True)


def bpf(command, attr):
    buf = ctypes.create_string_buffer(attr, len(attr))
    fd = libc.syscall(321 if os.uname().machine == "x86_64" else 280, command, buf, len(attr))
    if fd < 0:
        sys.exit(f"bpf: {os.strerror(ctypes.get_errno())}")
    return fd


code = ctypes.create_string_buffer(struct.pack("<BBhi", 0xB7, 0, 0, 1) + struct.pack("<BBhi", 0x95, 0, 0, 0), 16)
name = ctypes.create_string_buffer(b"GPL")
load = struct.pack("<IIQQIIQII16sII", SOCK_ADDR, 2, ctypes.addressof(code), ctypes.addressof(name), 0, 0, 0, 0, 0, b"", 0, INET4_CONNECT)
program = bpf(PROG_LOAD, load)
group = os.open(sys.argv[1], os.O_RDONLY | os.O_DIRECTORY)
attach = struct.pack("<IIII", group, program, INET4_CONNECT, 0)
bpf(PROG_ATTACH, attach)
status = subprocess.call(sys.argv[2:])
bpf(PROG_DETACH, attach)
sys.exit(status)
