"""libbtns from Python: who is at the other end of a socket, and only this one. See ipsec-api(7).

    import btns, socket
    s = socket.socket()
    btns.expect(s, "bob")                   # before connect(): only with bob
    btns.connect(s, ("192.0.2.1", 7000))    # not s.connect(), which the library does not see
    print(btns.who(s), btns.peer_key(s))

A socket that nobody expects a peer of connects as under connect(2): protected under btns-run, as the rules
say, and otherwise in the clear; require() asks for protection, with anybody. Datagrams:

    btns.sendto(s, b"hello", ("192.0.2.1", 7000), "bob")    # to bob, or not at all
    btns.prepare_recv(t); t.bind(("", 7000))                # before bind()
    data, address, sender = btns.recvfrom(t, 2048)          # sender: key; b"", in the clear; None, not known

Functions raise OSError with the errno that ipsec_socket(3) lists, and the library's words.
"""
import ctypes
import errno
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
_STANDALONE, _POLICY_PEER = 1, 0x106
_MSG_CONTROL = 192
_lib = ctypes.CDLL('libbtns.so.1', use_errno=True)


def reason():
    """Why the last call of this thread failed, also one of socket's that btnsd has refused; or ""."""
    words = ctypes.create_string_buffer(512)
    _lib.ipsec_get_reason(words, ctypes.c_size_t(512))
    return words.value.decode()


def _checked(rc):
    if rc == 0:
        return
    error = ctypes.get_errno()
    raise OSError(error, reason() or os.strerror(error))


class _Vector(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('len', ctypes.c_size_t)]


class _Message(ctypes.Structure):
    _fields_ = [('name', ctypes.c_void_p), ('namelen', ctypes.c_uint32), ('iov', ctypes.POINTER(_Vector)),
                ('iovlen', ctypes.c_size_t), ('control', ctypes.c_void_p), ('controllen', ctypes.c_size_t),
                ('flags', ctypes.c_int)]


class Event(ctypes.Structure):
    _fields_ = [('size', ctypes.c_uint32), ('kind', ctypes.c_uint32), ('state', ctypes.c_uint32), ('reason', ctypes.c_uint32),
                ('cookie', ctypes.c_uint64), ('time', ctypes.c_uint64), ('reserved', ctypes.c_uint64 * 4)]


_lib.ipsec_create_policy.restype = ctypes.c_void_p
_lib.ipsec_sendmsg.restype = _lib.ipsec_recvmsg.restype = ctypes.c_ssize_t


def _policy(attr=None, value=b''):
    policy = ctypes.c_void_p(_lib.ipsec_create_policy(ctypes.c_uint32(0)))
    if not policy:
        _checked(-1)
    try:
        if attr is not None:
            _checked(_lib.ipsec_set_policy_attr(policy, ctypes.c_uint32(attr), ctypes.c_uint32(len(value)), value))
    except OSError:
        _lib.ipsec_free_policy(policy)
        raise
    return policy


def _limit(message, peer):
    """Only this peer, for one message; None: anybody, whom recvfrom() wants to know."""
    if peer is not None and peer.startswith('btns'):
        ci = ctypes.c_void_p()
        _checked(_lib.ipsec_import_channel_info(peer.encode(), ctypes.byref(ci)))
        try:
            _checked(_lib.ipsec_set_msg_channel_info(message, ci))
        finally:
            _lib.ipsec_free_channel_info(ci)
        return
    policy = _policy() if peer is None else _policy(_POLICY_PEER, peer.encode())
    try:
        _checked(_lib.ipsec_set_msg_policy(message, policy))
    finally:
        _lib.ipsec_free_policy(policy)


def _forget(message):
    _lib.ipsec_set_msg_policy(message, None)
    _lib.ipsec_set_msg_channel_info(message, None)


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
    _checked(_lib.ipsec_connect(s.fileno(), sa, ctypes.c_uint32(len(sa))))


def listen(s, backlog=128):
    """listen(), which hears only whom expect() named."""
    _checked(_lib.ipsec_listen(s.fileno(), backlog))


def require(s):
    """Protected, or not at all; with anybody whom the rules allow. Before connect(), listen() or a datagram."""
    policy = _policy(_STANDALONE, struct.pack('=I', 1))
    try:
        _checked(_lib.ipsec_set_socket_policy(s.fileno(), policy))
    finally:
        _lib.ipsec_free_policy(policy)


def sendto(s, data, to, peer=None):
    """sendto() of a datagram to a numeric (address, port); only if this peer is there."""
    sa, octets = ctypes.create_string_buffer(_address(s, to)), ctypes.create_string_buffer(bytes(data), len(data))
    iov = _Vector(ctypes.addressof(octets), len(data))
    message = ctypes.byref(_Message(ctypes.addressof(sa), len(sa) - 1, ctypes.pointer(iov), 1, None, 0, 0))
    try:
        if peer is not None:
            _limit(message, peer)
        n = _lib.ipsec_sendmsg(s.fileno(), message, 0)
        _checked(0 if n >= 0 else -1)
        return n
    finally:
        _forget(message)


def prepare_recv(s):
    """Before bind(): the kernel notes of each datagram what its sender is told by."""
    _checked(_lib.ipsec_prepare_recv(s.fileno()))


def recvfrom(s, size, peer=None):
    """A datagram, its (address, port), and the key of who sent it: 32 octets; b"", in the clear; None, it cannot be told.
    peer: only of this one; others' are dropped."""
    octets, control = ctypes.create_string_buffer(size), ctypes.create_string_buffer(_MSG_CONTROL)
    sa = ctypes.create_string_buffer(28)
    iov = _Vector(ctypes.addressof(octets), size)
    m = _Message(ctypes.addressof(sa), len(sa), ctypes.pointer(iov), 1, ctypes.addressof(control), _MSG_CONTROL, 0)
    message = ctypes.byref(m)
    try:
        _limit(message, peer)
        n = _lib.ipsec_recvmsg(s.fileno(), message, 0)
        _checked(0 if n >= 0 else -1)
        at = slice(8, 24) if s.family == socket.AF_INET6 else slice(4, 8)
        address = socket.inet_ntop(s.family, sa.raw[at]), struct.unpack('!H', sa.raw[2:4])[0]
        return octets.raw[:n], address, _sender(message)
    finally:
        _forget(message)


def _sender(message):
    ci = ctypes.c_void_p()
    try:
        _checked(_lib.ipsec_get_msg_channel_info(message, ctypes.byref(ci)))
        try:
            return _attribute(ci, PEER_KEY)
        finally:
            _lib.ipsec_free_channel_info(ci)
    except OSError as e:
        if e.errno in (errno.EAGAIN, errno.ENODATA):
            return None if e.errno == errno.EAGAIN else b''
        raise


def export(s):
    """Who is at the other end, as a line to keep, which expect() and the functions of datagrams take."""
    ci, line = ctypes.c_void_p(), ctypes.c_void_p()
    _checked(_lib.ipsec_get_socket_channel_info(s.fileno(), ctypes.byref(ci)))
    try:
        _checked(_lib.ipsec_export_channel_info(ci, ctypes.byref(line)))
        text = ctypes.string_at(line).decode()
        _lib.ipsec_free_attr(line)
        return text
    finally:
        _lib.ipsec_free_channel_info(ci)


def who(s):
    """A line for a log."""
    text = ctypes.create_string_buffer(1024)
    _checked(_lib.ipsec_who(s.fileno(), text, ctypes.c_size_t(1024)))
    return text.value.decode()


def watch(s):
    """A descriptor for poll(), the caller's to close, that tells what happens to the socket's channel: read_event()."""
    fd = _lib.ipsec_watch(s.fileno())
    _checked(0 if fd >= 0 else -1)
    return fd


def read_event(fd):
    """The next event, with .kind, .state, .reason, .cookie and .time, or None: none is waiting. The first is the present state."""
    event = Event(ctypes.sizeof(Event))
    rc = _lib.ipsec_read_event(fd, ctypes.byref(event))
    _checked(-1 if rc < 0 else 0)
    return event if rc else None


def attribute(s, kind):
    """The octets of an attribute of the socket's channel; OSError ENODATA: it has none."""
    ci = ctypes.c_void_p()
    _checked(_lib.ipsec_get_socket_channel_info(s.fileno(), ctypes.byref(ci)))
    try:
        return _attribute(ci, kind)
    finally:
        _lib.ipsec_free_channel_info(ci)


def _attribute(ci, kind):
    value, size = ctypes.c_void_p(), ctypes.c_uint32()
    _checked(_lib.ipsec_get_channel_attr(ci, ctypes.c_uint32(kind), ctypes.byref(size), ctypes.byref(value)))
    octets = ctypes.string_at(value, size.value)
    _lib.ipsec_free_attr(value)
    return octets


def peer_key(s):
    """The peer's public key, 32 octets."""
    return attribute(s, PEER_KEY)
