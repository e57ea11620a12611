"""nss_buffers MODULE: calls it with buffers of every size and alignment, and looks behind their ends."""
import ctypes
import errno
import socket
import sys

SUCCESS, TRYAGAIN = 1, -2
ROOM, FILL = 512, b"\xa5"
module = ctypes.CDLL(sys.argv[1])
address = socket.inet_pton(socket.AF_INET6, "fd62:746e:7300:ae21:6c2e:f524:7a37:82c1")


class Hostent(ctypes.Structure):
    _fields_ = [("name", ctypes.c_char_p), ("aliases", ctypes.POINTER(ctypes.c_char_p)), ("type", ctypes.c_int),
                ("length", ctypes.c_int), ("addresses", ctypes.POINTER(ctypes.POINTER(ctypes.c_char * 16)))]


class Tuple(ctypes.Structure):
    _fields_ = [("next", ctypes.c_void_p), ("name", ctypes.c_char_p), ("family", ctypes.c_int),
                ("address", ctypes.c_char * 16), ("scope", ctypes.c_uint32)]


def by_name(at, size, error, h_error):
    host = Hostent()
    status = module._nss_btns_gethostbyname2_r(b"bob.btns", socket.AF_INET6, ctypes.byref(host), at, ctypes.c_size_t(size), error, h_error)
    return status, lambda: (host.name, host.addresses[0].contents.raw, bool(host.addresses[1]), bool(host.aliases[0]))


def by_address(at, size, error, h_error):
    host = Hostent()
    status = module._nss_btns_gethostbyaddr_r(address, 16, socket.AF_INET6, ctypes.byref(host), at, ctypes.c_size_t(size), error, h_error)
    return status, lambda: (host.name, host.addresses[0].contents.raw, bool(host.addresses[1]), bool(host.aliases[0]))


def by_tuple(at, size, error, h_error):
    found = ctypes.POINTER(Tuple)()
    status = module._nss_btns_gethostbyname4_r(b"bob.btns", ctypes.byref(found), at, ctypes.c_size_t(size), error, h_error, None)
    return status, lambda: (found.contents.name, ctypes.string_at(ctypes.addressof(found.contents) + Tuple.address.offset, 16),
                            bool(found.contents.next), False)


for call in by_name, by_address, by_tuple:
    enough = 0
    for start in range(9):
        for size in range(0, 200):
            buffer = ctypes.create_string_buffer(FILL * ROOM, ROOM)
            error, h_error = ctypes.c_int(-1), ctypes.c_int(-1)
            at = ctypes.c_void_p(ctypes.addressof(buffer) + start)
            status, found = call(at, size, ctypes.byref(error), ctypes.byref(h_error))
            assert status in (SUCCESS, TRYAGAIN), (call, size, status)
            if status == SUCCESS:
                enough += 1
                assert found() == (b"bob.btns", address, False, False), (call, size, found())
            else:
                assert error.value == errno.ERANGE, (call, size, error.value)
            assert buffer.raw[:start] == FILL * start and buffer.raw[start + size:] == FILL * (ROOM - start - size), (call, start, size)
    assert enough, call
print("ok")
