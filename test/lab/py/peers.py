# peers.py PORT: prints how many connections to that port are established, and the keys of their peers, from
# `btnsctl latches --json` on standard input.
import json, sys
l = [l for l in json.load(sys.stdin) if l["remote_port"] == int(sys.argv[1]) and l["state"] == "established"]
print(len({x["cookie"] for x in l}), *{x["key"] for x in l})
