"""Is what libbtns tells of a connection what the kernel and charon have? Holds one, for as long as standard input is open:

    library_against_kernel.py connect ADDRESS PORT | accept PORT | udp-connect ADDRESS PORT | udp-accept PORT

The two for datagrams ask for protection by themselves; the first sends one and waits for an answer, the second says whose key
it came by ("from ...") and answers it.

For each line STATE it compares what ipsec_get_socket_channel_info() says with `ip xfrm state`, with the guard in `ip xfrm
policy`, and with charon's list of SAs, and prints "same ..." or "differs: ...", and that the state is another one than STATE. For a
line EVENTS it prints the states that ipsec_watch() has told of.
"""
import base64
import errno
import re
import socket
import struct
import subprocess
import sys

import btns
from vici import Vici

STATES = [None, "LISTENER", "LARVAL", "ESTABLISHED", "BROKEN", "CLEAR", "CLOSED"]


def ip(*words):
    return subprocess.run(["ip", "-o", "xfrm", *words], capture_output=True, text=True, check=True).stdout.splitlines()


def optional(s, kind):
    try:
        return btns.attribute(s, kind)
    except OSError as e:
        if e.errno != errno.ENODATA:
            raise
        return b""


# Numbers of 4 octets; none: there is no such attribute.
def numbers(s, kind):
    octets = optional(s, kind)
    return struct.unpack(f"={len(octets) // 4}I", octets)


def number(s, kind):
    return numbers(s, kind)[0]


def address(octets):
    return socket.inet_ntoa(octets[4:8]), struct.unpack("!H", octets[2:4])[0]


# What the kernel has for the service between these two: SPIs in and out, the guard's SPI, ports of ESP in UDP, key bits, windows.
def kernel(local, remote, port):
    at = {"in": set(), "out": set(), "guard": None, "encap": None, "bits": set(), "window": set(), "reqid": set()}
    for line in ip("state"):
        src, dst = re.match(r"src ([\w.:]+) dst ([\w.:]+)", line).groups()
        spi = int(re.search(r"spi 0x([0-9a-f]+)", line)[1], 16)
        # A larval state, and that of an acquire, has no key yet.
        if {src, dst} != {local, remote} or not re.search(rf"sel .*[sd]port {port}\b", line) or "aead" not in line or not spi:
            continue
        at["out" if src == local else "in"].add(spi)
        at["reqid"].add(int(re.search(r"reqid (\d+)", line)[1]))
        at["bits"].add(len(re.search(r"aead \S+ 0x([0-9a-f]+)", line)[1]) * 4 - 32)
        if src == remote:  # what is sent has none
            at["window"].add(int((re.search(r"replay_window (\d+)", line) or re.search(r"replay-window (\d+)", line))[1]))
        encap = re.search(r"encap type espinudp sport (\d+) dport (\d+)", line)
        if encap and src == local:
            at["encap"] = int(encap[1]), int(encap[2])
    for line in ip("policy"):
        if re.match(rf"src {local}/32 dst {remote}/32 .*[sd]port {port}\b.*dir out .*priority 100 ", line):
            at["guard"] = "block" if " action block " in line else int((re.search(r"spi 0x([0-9a-f]+)", line) or [0, "0"])[1], 16)
    return at


# charon shows a key that is no text as "02:15:...".
def octets_of(identity):
    if re.fullmatch("([0-9a-f]{2}:){31}[0-9a-f]{2}", identity):
        return bytes.fromhex(identity.replace(":", ""))
    return identity.encode("latin1")


# What charon has for it: SPIs of installed SAs, and the peer's key.
def charon(remote, port):
    spis, keys = {"in": set(), "out": set()}, set()
    for event in Vici("/run/btns/ike/charon.vici").stream("list-sas", "list-sa"):
        for sa in event.values():
            if sa.get("remote-host") != remote:
                continue
            for child in sa.get("child-sas", {}).values():
                if child["state"] == "INSTALLED" and f"/{port}]" in str(child.get("local-ts")) + str(child.get("remote-ts")):
                    spis["in"].add(int(child["spi-in"], 16))
                    spis["out"].add(int(child["spi-out"], 16))
                    keys.add(octets_of(sa["remote-id"]))
    return spis, keys


def told(s):
    t = {"state": STATES[number(s, btns.STATE)], "reqid": number(s, btns.REQID), "bits": number(s, btns.KEY_BITS)}
    t["local"], t["remote"] = address(btns.attribute(s, btns.LOCAL_ADDRESS)), address(btns.attribute(s, btns.REMOTE_ADDRESS))
    t["window"], t["out"], t["in"] = numbers(s, btns.REPLAY_WINDOW), numbers(s, btns.SPI_OUT), set(numbers(s, btns.SPIS_IN))
    t["key"], t["nat"] = btns.peer_key(s), number(s, btns.NAT)
    if t["nat"]:
        t["encap"] = address(btns.attribute(s, btns.NAT_LOCAL))[1], address(btns.attribute(s, btns.NAT_OUTER))[1]
        t["outer"] = address(btns.attribute(s, btns.NAT_OUTER))[0]
        t["inner"] = address(btns.attribute(s, btns.NAT_INNER))[0] if t["nat"] & 2 else None  # else the peer says none
    return t


def differences(s, port, state):
    t = told(s)
    local, remote = s.getsockname(), s.getpeername()
    k = kernel(local[0], remote[0], port)
    wrong = []

    def same(what, one, other):
        if one != other:
            wrong.append(f"{what}: {one}, but {other}")

    same("state", t["state"], state)
    same("local", t["local"], local)
    same("remote", t["remote"], remote)
    if state != "ESTABLISHED":  # nothing is sent nor accepted
        same("SPIs, guard", (t["out"], t["in"], k["guard"]), ((), set(), "block"))
        return wrong, t
    spis, keys = charon(remote[0], port)
    same("SPIs in", {hex(i) for i in t["in"]}, {hex(i) for i in k["in"]})
    same("reqid", {t["reqid"]}, k["reqid"])
    same("key bits", {t["bits"]}, k["bits"])
    same("window", set(t["window"]), k["window"])
    same("key", {base64.b64encode(t["key"])}, {base64.b64encode(key) for key in keys})
    same("in charon's list", spis["in"] <= t["in"] and set(t["out"]) <= spis["out"], True)
    same("SPI out", t["out"], (k["guard"],))
    same("NAT", bool(t["nat"]), bool(k["encap"]))
    same("ports of ESP in UDP", t.get("encap"), k["encap"])
    return wrong, t


# A rekey may be between two questions: what stays different is.
def compare(s, port, state):
    for _ in range(20):
        try:
            wrong, t = differences(s, port, state)
        except OSError as e:
            wrong, t = [str(e)], {}
        if not wrong:
            break
    print(f"differs: {'; '.join(wrong)}" if wrong else f"same {state} out={t['out']} nat={t['nat']} "
          f"outer={t.get('outer')} inner={t.get('inner')}", flush=True)


# The client's part: what is sent is asked for again, as it may come before the server is there.
def udp_client(address, port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    btns.require(s)
    btns.connect(s, (address, port))
    s.settimeout(2)
    while True:
        try:
            s.send(b"hello")
            s.recv(100)
            return s
        except (TimeoutError, ConnectionRefusedError):
            pass


def udp_server(port):
    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    btns.require(s)
    btns.prepare_recv(s)
    s.bind(("0.0.0.0", port))
    btns.listen(s)
    sender = None
    while not sender:  # one that came before its guard is nobody's
        data, address, sender = btns.recvfrom(s, 100)
    print("from ed25519:" + base64.b64encode(sender).decode(), flush=True)
    btns.connect(s, address)
    s.send(data)
    return s


# What ipsec_watch() has told of the states so far, without repetitions.
def tell_events(watch, seen):
    while event := btns.read_event(watch):
        name = STATES[event.state] or "none"
        if seen[-1:] != [name]:
            seen.append(name)
    print("events", *seen, flush=True)


kinds = {"connect": lambda: socket.create_connection((sys.argv[2], int(sys.argv[3]))),
         "accept": lambda: socket.create_server(("0.0.0.0", int(sys.argv[2]))).accept()[0],
         "udp-connect": lambda: udp_client(sys.argv[2], int(sys.argv[3])),
         "udp-accept": lambda: udp_server(int(sys.argv[2]))}
service = int(sys.argv[-1])
held = kinds[sys.argv[1]]()
watch, seen = btns.watch(held), []
print("holds", flush=True)
for word in sys.stdin:
    if word.strip() == "EVENTS":
        tell_events(watch, seen)
    else:
        compare(held, service, word.strip())
