# carried.py BEFORE AFTER PEER CAPTURE: which SA carried what, as `btnsctl latches --json` told at one end before and
# after the capture, and at the other end after it; CAPTURE is what tcpdump printed of ESP on the wire meanwhile.
import json, re, sys

SERVICE, BY_HAND = 7000, {0x1001, 0x1002}


def sas(name, port):
    latch, = [l for l in json.load(open(name)) if l[port] == SERVICE and l["state"] == "established"]
    return latch, {d: {s["spi"]: s for s in latch["sas"] if s["direction"] == d} for d in ("out", "in")}


def used(sas):
    return {spi for spi, s in sas.items() if s["used"]}


_, before = sas(sys.argv[1], "remote_port")
latch, after = sas(sys.argv[2], "remote_port")
_, peer = sas(sys.argv[3], "local_port")
wire = {"out": set(), "in": set()}
for source, spi in re.findall(r"IP (\S+) > \S+: ESP\(spi=(0x[0-9a-f]+)", open(sys.argv[4]).read()):
    wire["out" if source == "10.77.0.1" else "in"].add(int(spi, 16))
wire = {d: spis - BY_HAND for d, spis in wire.items()}
print("on the wire", wire, "told", after, "by the peer", peer)
assert wire["out"] and wire["in"], "nothing was seen"
assert used(after["out"]) == {latch["spi"]} == wire["out"], "what is sent"
assert wire["in"] <= set(after["in"]), "what comes in"
assert wire["out"] <= set(peer["in"]) and wire["in"] == used(peer["out"]), "what the other end tells"
for d in ("out", "in"):
    for spi in wire[d]:
        was, now = before[d][spi], after[d][spi]
        assert was["packets"] < now["packets"] and was["octets"] < now["octets"], "how much"
