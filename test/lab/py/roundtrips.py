# roundtrips.py FROM TO LATCHED WITNESS REKEYS: the distribution of the latched connection's round trips before
# FROM and between FROM and TO (the monotonic clock, in ms); and its stalls, each with the part of it in
# which the other connection, a witness of what the machine did, was not late. The last line counts those
# whose part is over 50 ms, and over twice what delayed either connection at worst when it cannot have
# been a rekey: on a machine that is busy besides, each step of the few that a rekey takes waits that long.
import array
import sys

STALL, LATE = 0.050, 0.005


def read(path):
    a = array.array("d")
    with open(path, "rb") as f:
        a.frombytes(f.read())
    return list(zip(a[::3], a[1::3], a[2::3]))


def line(name, trips):
    t = sorted(done - sent for _, sent, done in trips)
    at = lambda q: 1000 * t[min(len(t) - 1, int(q * len(t)))]
    over = sum(d > STALL for d in t)
    print(f"{name:28} n {len(t):6}  p50 {at(.5):6.2f}  p90 {at(.9):6.2f}  p99 {at(.99):6.2f}"
          f"  max {1000 * t[-1]:7.2f} ms  over 50 ms: {over}")


def main():
    begin, end = float(sys.argv[1]) / 1000, float(sys.argv[2]) / 1000
    latched, witness = read(sys.argv[3]), read(sys.argv[4])
    during = [t for t in latched if begin <= t[1] < end]
    line("latched, no rekeys", [t for t in latched if t[1] < begin])
    line("latched, with rekeys", during)
    line("SAs by hand, no rekeys", [t for t in witness if t[1] < begin])
    line("SAs by hand, with rekeys", [t for t in witness if begin <= t[1] < end])
    late = [(due, done) for due, _, done in witness if done - due > LATE]
    rekeys = [l.split() for l in open(sys.argv[5]) if l.count(" ") == 3]
    noise = max([t[2] - t[1] for t in latched if t[1] < begin] + [t[2] - t[1] for t in witness])
    limit, over, ours = max(STALL, 2 * noise), 0, 0
    for _, sent, done in during:
        if done - sent <= STALL:
            continue
        own = done - sent - sum(max(0, min(done, e) - max(sent, b)) for b, e in late)
        kinds = [f"{r[0]}-{r[1]}" for r in rekeys if float(r[2]) < done and sent < float(r[3])]
        print(f"stall of {1000 * (done - sent):.0f} ms, {1000 * own:.0f} ms of it alone, during rekey {kinds or 'none'}")
        over += own > STALL
        ours += own > limit
    print(f"over 50 ms alone: {over}; the machine's own delays: up to {1000 * noise:.0f} ms")
    print("stalls of ours:", ours)


main()
