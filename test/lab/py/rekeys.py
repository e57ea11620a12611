# rekeys.py N LOG ALICE BOB: N rekeys, one after the other, of the child SA and of the IKE SA, by alice, by bob
# and by both at once, over the two charons' VICI sockets. LOG gets "KIND START END" of each; the last
# line says how many there were of each kind. Ends with 1 if one is not over within 600 s.
import collections
import itertools
import sys
import time

from vici import Vici

KINDS = [(what, who) for what in ("child", "ike") for who in ("alice", "bob", "both")]
LIMIT = 600


class Host:
    def __init__(self, path):
        self.vici = Vici(path)
        self.ids = {}

    # What is up between the two: (state, SPIs) of each IKE SA and each service's child SA. An IKE SA that lost against another
    # of two at once may wait as REKEYED for its end, which charon brings after 90 s at the latest.
    def look(self):
        up = {"ike": [], "child": []}
        for event in self.vici.stream("list-sas", "list-sa"):
            for name, ike in event.items():
                for child in ike["child-sas"].values():
                    if child["name"] != "icmp" and child["state"] in ("INSTALLED", "REKEYING"):
                        self.ids["child"] = child["uniqueid"]
                        up["child"].append((child["state"], *sorted((child["spi-in"], child["spi-out"]))))
                if not name.startswith("introduction") and ike["state"] in ("ESTABLISHED", "REKEYING"):
                    self.ids["ike"] = ike["uniqueid"]
                    up["ike"].append((ike["state"], ike["initiator-spi"], ike["responder-spi"]))
        return up

    def ask(self, what):
        self.vici.send("rekey", **{what + "-id": self.ids[what]})


# One SA of each, the same at both ends: nothing is under way.
def settled(hosts):
    a, b = (h.look() for h in hosts)
    if a != b or len(a["ike"]) != 1 or len(a["child"]) != 1:
        return None
    if a["ike"][0][0] != "ESTABLISHED" or a["child"][0][0] != "INSTALLED":
        return None
    return {what: a[what][0] for what in a}


def await_change(hosts, what, old):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        now = settled(hosts)
        if now and (old is None or now[what] != old[what]):
            return now
        time.sleep(0.02)
    for h in hosts:
        print(h.look(), file=sys.stderr)
    sys.exit(f"{what}: not over within {LIMIT} s")


# All at once; False if one was too late, because the other's had reached it already.
def ask(hosts, what):
    for h in hosts:
        h.ask(what)
    answers = [h.vici.receive()[0] for h in hosts]
    if all(a.get("success") == "yes" for a in answers):
        return True
    if len(hosts) == 1 or all(a.get("success") != "yes" for a in answers):
        sys.exit(f"{what}: {answers}")
    return False


def main():
    n, log = int(sys.argv[1]), open(sys.argv[2], "w")
    hosts = [Host(path) for path in sys.argv[3:5]]
    state, count = await_change(hosts, "child", None), collections.Counter()
    kinds = itertools.cycle(KINDS)
    while sum(count[k] for k in KINDS) < n:
        what, who = next(kinds)
        asked = [h for h, name in zip(hosts, ("alice", "bob")) if who in (name, "both")]
        while True:
            start = time.monotonic()
            at_once = ask(asked, what)
            state = await_change(hosts, what, state)
            if at_once:
                break
            count["late"] += 1
        print(what, who, start, time.monotonic(), file=log, flush=True)
        count[what, who] += 1
    print("rekeyed", n, *(f"{a}-{b}:{count[a, b]}" for a, b in KINDS), f"late:{count['late']}", file=log)


main()
