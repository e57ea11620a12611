# TCP servers and clients of the tests of btnsd's SPD and SAD code. The clients print one line about what happened to them.
import errno
import select
import socket
import subprocess
import sys
import threading
import time


def family(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def name(number):
    return errno.errorcode.get(number, number)


def echo(port):
    """Serves both families; prints a line for every connection that reaches it."""
    listener = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
    print("listening", flush=True)

    def serve(connection):
        while data := connection.recv(65536):
            connection.sendall(data)
        connection.close()

    while True:
        connection, peer = listener.accept()
        print("accepted", peer[0], flush=True)
        threading.Thread(target=serve, args=(connection,), daemon=True).start()


def writable(sock, seconds):
    return bool(select.select([], [sock], [], seconds)[1])


def milliseconds(since):
    return int((time.monotonic() - since) * 1000)


def talk(address, port, seconds):
    """ok, or what went wrong"""
    sock = socket.socket(family(address))
    sock.settimeout(float(seconds))
    try:
        sock.connect((address, int(port)))
        sock.sendall(b"x")
        print("ok" if sock.recv(1) == b"x" else "closed")
    except OSError as error:
        print(name(error.errno) if error.errno else "timeout")


def held(address, port, command):
    """Connects without blocking, runs the command 1.6 s later, says what happened when.

    The kernel tries its queue again 0.1, 0.3, 0.7, 1.5 and 3.1 s after the packet, and TCP sends another SYN after 1 and
    3 s: what happens in the 0.7 s after the command is the command's work.
    """
    sock = socket.socket(family(address))
    sock.setblocking(False)
    start = time.monotonic()
    result = sock.connect_ex((address, int(port)))
    connect_ms = milliseconds(start)
    early = writable(sock, 1.6)
    subprocess.run(["bash", "-ec", command], check=True)
    start = time.monotonic()
    came = writable(sock, 60)
    released_ms = milliseconds(start)
    error = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    print(f"connect={name(result)} connect_ms={connect_ms} early={early} came={came} "
          f"released_ms={released_ms} error={error}")


def across(address, port, block, lift):
    """A connection whose guard turns to block and back: does data pass before, meanwhile, after?"""
    sock = socket.create_connection((address, int(port)), 60)

    def passes(seconds):
        sock.settimeout(seconds)
        try:
            return sock.recv(100) != b""
        except TimeoutError:
            return False

    sock.sendall(b"1")
    before = passes(60)
    subprocess.run(["bash", "-ec", block], check=True)
    sock.sendall(b"2")
    meanwhile = passes(1)
    subprocess.run(["bash", "-ec", lift], check=True)
    print(f"before={before} meanwhile={meanwhile} after={passes(60)}")


def sockets(local, remote):
    """One socket of each kind, and which the caller may ask for until its standard input closes."""
    kept = []

    def listener(fam, address):
        sock = socket.create_server((address, 0), family=fam, dualstack_ipv6=fam == socket.AF_INET6)
        kept.append(sock)
        return sock.getsockname()[1]

    port = listener(family(local), local)
    dual = listener(socket.AF_INET6, "::") if family(local) == socket.AF_INET else port
    for where in dict.fromkeys((port, dual)):
        client = socket.create_connection((local, where))
        kept.append(client)
        kept.append(kept[0 if where == port else 1].accept()[0])
    closing = socket.create_connection((local, port))
    kept[0].accept()[0].close()
    time.sleep(0.1)
    closing.close()
    waiting = socket.socket(family(remote))
    waiting.setblocking(False)
    waiting.connect_ex((remote, 9))
    kept.append(waiting)
    print(port, dual, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    {f.__name__: f for f in (echo, talk, held, across, sockets)}[sys.argv[1]](*sys.argv[2:])
