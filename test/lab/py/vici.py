# VICI, enough of it for the lab's scripts: commands with strings, lists and sections for values, and streamed answers.
import socket
import struct


def text(value):
    v = str(value).encode()
    return struct.pack("!H", len(v)) + v


def encode(message):
    out = b""
    for key, value in message.items():
        k = key.encode()
        name = bytes([len(k)]) + k
        if isinstance(value, dict):
            out += b"\1" + name + encode(value) + b"\2"
        elif isinstance(value, list):
            out += b"\4" + name + b"".join(b"\5" + text(v) for v in value) + b"\6"
        else:
            out += b"\3" + name + text(value)
    return out


# Sections become dictionaries, in their order; what is no text stays a bytes object's text.
def decode(data):
    at, stack = 0, [{}]
    name = lambda: data[at + 2 : at + 2 + data[at + 1]].decode("latin1")
    while at < len(data):
        kind = data[at]
        if kind == 1:
            inner = {}
            stack[-1][name()] = inner
            stack.append(inner)
            at += 2 + data[at + 1]
        elif kind == 2:
            stack.pop()
            at += 1
        elif kind == 3:
            key = name()
            at += 2 + data[at + 1]
            (n,) = struct.unpack_from("!H", data, at)
            stack[-1][key] = data[at + 2 : at + 2 + n].decode("latin1")
            at += 2 + n
        elif kind == 4:
            items = stack[-1][name()] = []
            at += 2 + data[at + 1]
            while data[at] == 5:
                (n,) = struct.unpack_from("!H", data, at + 1)
                items.append(data[at + 3 : at + 3 + n].decode("latin1"))
                at += 3 + n
            at += 1
        else:
            raise ValueError(f"element {kind}")
    return stack[0]


class Vici:
    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(path)

    def _read(self, n):
        got = b""
        while len(got) < n:
            more = self.s.recv(n - len(got))
            if not more:
                raise EOFError("charon closed the connection")
            got += more
        return got

    def _packet(self):
        (n,) = struct.unpack("!I", self._read(4))
        return self._read(n)

    def _send(self, kind, name, body=b""):
        data = bytes([kind, len(name)]) + name.encode() + body
        self.s.sendall(struct.pack("!I", len(data)) + data)

    def send(self, command, /, **message):
        self._send(0, command, encode(message))

    # The answer to what was sent, and the events before it.
    def receive(self):
        events = []
        while True:
            p = self._packet()
            if p[0] == 7:
                events.append(decode(p[2 + p[1] :]))
            elif p[0] == 1:
                return decode(p[1:]), events
            elif p[0] != 5:
                raise ValueError(f"packet {p[0]}")

    def command(self, name, /, **message):
        self.send(name, **message)
        return self.receive()[0]

    def _with(self, event, name, message):
        self._send(3, event)
        while self._packet()[0] != 5:
            pass
        self.send(name, **message)
        answer, events = self.receive()
        self._send(4, event)
        while self._packet()[0] != 5:
            pass
        return answer, events

    def stream(self, name, event, /, **message):
        return self._with(event, name, message)[1]

    # The answer, and what charon says about it.
    def logged(self, name, /, **message):
        return self._with("control-log", name, message)
