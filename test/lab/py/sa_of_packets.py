# sa_of_packets.py BEFORE AFTER PEER LATER CAPTURE FIRST LAST: checks which SA protected which packets. BEFORE, AFTER and LATER are the
# output of `btnsctl latches --json` on one host: before the capture, after it, and once more at the end; PEER is that of the other
# host after the capture. CAPTURE is what tcpdump printed of the ESP packets. FIRST and LAST are the output of `ip -s xfrm state` on
# the first host, before everything and at the end.
import json, re, sys

SERVICE, BY_HAND = 7000, {0x1001, 0x1002}


def sas(name, port):
    latch, = [l for l in json.load(open(name)) if l[port] == SERVICE and l["state"] == "established"]
    return latch, {d: {s["spi"]: s for s in latch["sas"] if s["direction"] == d} for d in ("out", "in")}


def used(sas):
    return {spi for spi, s in sas.items() if s["used"]}


def kernels(name):
    state = r"proto esp spi (0x[0-9a-f]+).*?lifetime current:\s+(\d+)\(bytes\), (\d+)\(packets\)"
    states = re.findall(state, open(name).read(), re.S)
    return {int(spi, 16): (int(packets), int(octets)) for spi, octets, packets in states}


_, before = sas(sys.argv[1], "remote_port")
latch, after = sas(sys.argv[2], "remote_port")
_, peer = sas(sys.argv[3], "local_port")
_, later = sas(sys.argv[4], "remote_port")
wire = {"out": set(), "in": set()}
for source, spi in re.findall(r"IP (\S+) > \S+: ESP\(spi=(0x[0-9a-f]+)", open(sys.argv[5]).read()):
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
share = lambda sa: (sa["packets"], sa["octets"])
no_more = lambda *counts: all(a <= b for some, more in zip(counts, counts[1:]) for a, b in zip(some, more))
first, last = kernels(sys.argv[6]), kernels(sys.argv[7])
for d, other in ("out", "in"), ("in", "out"):
    for spi in before[d].keys() & later[d].keys():
        was, now = share(before[d][spi]), share(later[d][spi])
        assert spi in wire[d] or was == now, "what carries nothing"
        if spi in peer[other]:
            assert no_more(was, share(peer[other][spi]), now), "how much the other end tells"
        assert no_more(first[spi], was) and (spi not in last or no_more(now, last[spi])), "how much the kernel counts"
