"""libbtns from Python: who is at the other end of a socket, and only this one. See ipsec-api(7).

    import btns, socket
    s = socket.socket()
    btns.expect(s, "bob")                   # before connect(): only with bob
    btns.connect(s, ("192.0.2.1", 7000))    # not s.connect(), which the library does not see
    print(btns.who(s), btns.peer_key(s))

A socket that nobody expects a peer of connects as under connect(2): protected under btns-run, as the rules
say, and otherwise in the clear.

Functions raise OSError with the errno that ipsec_socket(3) lists, and the library's words.
"""
import ctypes
import os
import socket
import struct

# Attributes of a channel, of IPSEC_CHANNEL_... in <btns/ipsec.h>, for attribute().
STATE = 0x1001
KEY_BITS = 0x1106
REPLAY_WINDOW, REQID, SPI_OUT, SPIS_IN = 0x1108, 0x1109, 0x110a, 0x110b
LOCAL_ADDRESS, REMOTE_ADDRESS = 0x1202, 0x1203
NAT, NAT_LOCAL, NAT_OUTER, NAT_INNER = 0x1204, 0x1205, 0x1206, 0x1207
PEER_KEY = 0x1301
_lib = ctypes.CDLL('libbtns.so.1', use_errno=True)


def _checked(rc):
    if rc == 0:
        return
    error = ctypes.get_errno()
    words = ctypes.create_string_buffer(512)
    _lib.ipsec_get_reason(words, ctypes.c_size_t(512))
    raise OSError(error, words.value.decode() or os.strerror(error))


def _address(s, to):
    host, port = to[:2]
    if s.family == socket.AF_INET6:
        return struct.pack('=HHI16sI', s.family, socket.htons(port), 0, socket.inet_pton(s.family, host), 0)
    return struct.pack('=HH4s8x', s.family, socket.htons(port), socket.inet_aton(host))


def expect(s, peer):
    """Only this peer: "ed25519:...", a name of known_peers, or a line of export()."""
    _checked(_lib.ipsec_expect(s.fileno(), peer.encode()))


def connect(s, to):
    """connect() to a numeric (address, port)."""
    sa = _address(s, to)
    if _lib.ipsec_connect(s.fileno(), sa, ctypes.c_uint32(len(sa))):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def listen(s, backlog=128):
    """listen(), which hears only whom expect() named."""
    _checked(_lib.ipsec_listen(s.fileno(), backlog))


def who(s):
    """A line for a log."""
    text = ctypes.create_string_buffer(1024)
    _checked(_lib.ipsec_who(s.fileno(), text, ctypes.c_size_t(1024)))
    return text.value.decode()


def attribute(s, kind):
    """The octets of an attribute of the socket's channel; OSError ENODATA: it has none."""
    ci, value, size = ctypes.c_void_p(), ctypes.c_void_p(), ctypes.c_uint32()
    _checked(_lib.ipsec_get_socket_channel_info(s.fileno(), ctypes.byref(ci)))
    try:
        _checked(_lib.ipsec_get_channel_attr(ci, ctypes.c_uint32(kind), ctypes.byref(size), ctypes.byref(value)))
        octets = ctypes.string_at(value, size.value)
        _lib.ipsec_free_attr(value)
        return octets
    finally:
        _lib.ipsec_free_channel_info(ci)


def peer_key(s):
    """The peer's public key, 32 octets."""
    return attribute(s, PEER_KEY)
