# nat_of.py PORT: of `btnsctl latches --json` on standard input, what it says of NAT for the connection with that port.
import json, sys
port = int(sys.argv[1])
print(json.dumps([l["nat"] for l in json.load(sys.stdin) if port in (l["local_port"], l["remote_port"]) and l["remote_port"]][0]))
