# kills.py SEED KILLS PROCESS...: each PROCESS (client, server, btnsd-alice, btnsd-bob, charon-alice, charon-bob) is
# killed (kill -9) at KILLS random moments of a transfer from alice to bob. After each, and when it has run on,
# the invariants of DESIGN.md section 4 are looked at: prints one line for a kill, and "violated N: ..." lines.
import os
import random
import re
import signal
import subprocess
import sys
import time

PORT, ROUNDS, LIMIT = 7000, 30, 300
HOSTS = {"alice": "10.77.0.1", "bob": "10.77.0.2"}
LAB, HERE = os.environ["BTNS_LAB"], os.path.dirname(os.path.abspath(__file__))
LONGER = f"{LAB}/hosts/transfer-on"  # while it exists, a transfer does not end
TRANSFER = ["python3", f"{HERE}/transfer.py"]


def run(*args):
    return subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def out(*args):
    return run(*args).stdout


def violated(number, what):
    print(f"violated {number}: {what}", flush=True)


def eventually(seconds, what):
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


# ---- processes


def number_in(path):
    try:
        with open(path) as f:
            return int(f.read())
    except (OSError, ValueError):
        return None


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except OSError:
        return False


def btnsd_pid(host):
    pid = number_in(f"{LAB}/{host}.pid")
    return pid if pid and alive(pid) else None


def charon_pid(host):
    root = f"/proc/{number_in(f'{LAB}/hosts/{host}.pid')}/root"
    pid = number_in(f"{root}/run/btns/ike/charon.pid")
    return pid if pid and alive(pid) else None


def start_server():
    server = subprocess.Popen(["on", "bob", "btns-run", *TRANSFER, "serve", str(PORT)],
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    if not eventually(LIMIT, lambda: f":{PORT}" in out("on", "bob", "ss", "-Hltn")):
        violated(3, "the server does not come back")
    return server


# Returns when it is about to connect.
def start_client():
    client = subprocess.Popen(
        ["on", "alice", "btns-run", *TRANSFER, "fetch", HOSTS["bob"], str(PORT), str(ROUNDS), LONGER],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    line = client.stdout.readline()
    if line != "begins\n":
        violated(3, f"the program does not start: {line}")
    return client


# A transfer that nothing happens to: the seconds that it took.
def whole_transfer():
    client = start_client()
    said = client.communicate(timeout=LIMIT)[0].split()
    if client.returncode:
        violated(3, f"a transfer with nothing killed: {said}")
        return 1.0
    return float(said[-1])


def kill(pid):
    if pid:
        os.kill(pid, signal.SIGKILL)
    return pid is not None


# ---- invariants


def flows(host):
    lines = [l.split() for l in out("on", host, "ss", "-Htan").splitlines()]
    return {" ".join((f[0], f[3], f[4])) for f in lines if f[0] != "LISTEN" and f":{PORT}" in f[3] + f[4]}


def covers(first, direction, mine):
    ends = re.findall(r"(?:src|dst) (\S+)", first)
    if direction == "in":
        ends.reverse()
    other = HOSTS["bob" if mine == HOSTS["alice"] else "alice"]
    return ends[0] in (f"{mine}/32", "0.0.0.0/0") and ends[1] in (f"{other}/32", "0.0.0.0/0")


# The service's SPD entries of one direction, the one that decides first: (priority, what it does)
def decides(policies, direction, mine, port_word):
    found = []
    for text in re.split(r"\n(?=src )", policies):
        first = text.split("\n")[0]
        if (f"dir {direction} " in text and f"proto tcp {port_word} {PORT}" in first
                and covers(first, direction, mine)):
            priority = int(re.search(r"priority (\d+)", text).group(1))
            reqid = re.search(r"reqid (\d+)", text)
            action = "block" if "action block" in text else f"reqid {reqid.group(1)}" if reqid else "allow"
            found.append((priority, action))
    return min(found, default=(None, "nothing"))


# Invariants 1 to 3, from the SPD: as long as there is a connection, both directions have an entry that protects it
# with a reqid of the peer's key, or blocks it.
def look_at_spd(host, when):
    before = flows(host)
    policies = out("on", host, "ip", "xfrm", "policy")
    if not before & flows(host):
        return
    mine = HOSTS[host]
    words = {"alice": ("dport", "sport"), "bob": ("sport", "dport")}[host]
    for direction, word in zip(("out", "in"), words):
        _, action = decides(policies, direction, mine, word)
        if action == "allow" or action == "nothing":
            violated(1, f"{when}: at {host}, {direction}: {action} decides over {before}\n{policies}")
        elif action.startswith("reqid") and action.split()[1] not in reqids(host):
            violated(2, f"{when}: at {host}, {direction}: {action} is none of the peer's")


# What btnsd wrote down of reqids: only those whose key is the other host's.
def reqids(host):
    root = f"/proc/{number_in(f'{LAB}/hosts/{host}.pid')}/root"
    with open(f"{root}/run/btns/reqids") as f:
        return {l.split()[0] for l in f if PEER_KEY[host] in l}


def look_at_wire(when):
    clear = [l for l in out("wire", "alice", "report").splitlines() if l.startswith(f"tcp-clear {PORT} ")]
    if clear:
        violated(1, f"{when}: on the wire: {clear}")


def look(when):
    for host in HOSTS:
        look_at_spd(host, when)


# ---- one kill


# How the transfer ended: whole, killed, refused before it was connected, or cut after.
def outcome(client):
    try:
        client.wait(LIMIT)
    except subprocess.TimeoutExpired:
        client.kill()
        client.wait()
        return "hung"
    said = client.stdout.read().split("\n")  # but for "begins"
    if client.returncode in (0, -signal.SIGKILL):
        return "killed" if client.returncode else "whole"
    return ("cut: " if "connected" in said else "refused: ") + " ".join(said).replace("connected ", "")


def strike(process, client, server):
    kind, _, host = process.partition("-")
    if kind == "client":
        return kill(client.pid if client.poll() is None else None)
    if kind == "server":
        return kill(server.pid)
    return kill((btnsd_pid if kind == "btnsd" else charon_pid)(host))


def mend(process, server):
    kind, _, host = process.partition("-")
    if kind == "server":
        server.wait()
        return start_server()
    if kind == "btnsd":
        eventually(LIMIT, lambda: not btnsd_pid(host) and not os.path.exists(f"{LAB}/{host}.pid"))
        r = run("up", host)
        if r.returncode:
            violated(3, f"btnsd does not come back at {host}: {r.stdout}")
    return server


def one(n, process, rng, length, server):
    fresh = rng.random() < 0.3
    if fresh:
        for host, other in (("alice", "bob"), ("bob", "alice")):
            run("on", host, "btnsctl", "forget", HOSTS[other])
    moment, pause = rng.random() ** 2 * length, rng.random()
    open(LONGER, "w").close()
    client = start_client()
    time.sleep(moment)
    hit = strike(process, client, server)
    when = f"kill {n} of {process}"
    look(when + ", at once")
    time.sleep(pause)
    server = mend(process, server)
    look(when + ", mended")
    os.unlink(LONGER)
    how = outcome(client)
    look(when + ", at the end of the transfer")
    look_at_wire(when)
    print(f"{when} at {moment:.3f} s{' of a first contact' if fresh else ''}{'' if hit else ' (it was gone)'}: {how}",
          flush=True)
    if how == "hung" or how.startswith("cut") and process != "server":
        violated(3, f"{when}: {how}")
    return server


def peer_key(host):
    text = out("on", host, "btnsctl", "status", "--json")
    return re.search(r'"key": *"([^"]*)"', text).group(1)


def main():
    global PEER_KEY
    seed, kills, processes = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
    rng = random.Random(seed)
    print(f"SEED={seed}", flush=True)
    PEER_KEY = {"alice": peer_key("bob"), "bob": peer_key("alice")}
    server = start_server()
    length = whole_transfer()
    print(f"a transfer takes {length:.2f} s", flush=True)
    order = [p for p in processes for _ in range(kills)]
    rng.shuffle(order)
    if len(order) < 50:  # what a killed charon leaves stays for a minute: the others' kills fill it
        order.sort(key=lambda p: not p.startswith("charon"))
    try:
        for n, process in enumerate(order, 1):
            server = one(n, process, rng, length, server)
    except BaseException:
        server.kill()
        raise
    whole_transfer()
    print(f"killed {len(order)}", flush=True)
    server.kill()
    server.wait()


main()
