# nat_of.py PORT: prints the NAT fields of the connection with that port, from `btnsctl latches --json` on standard input.
import json, sys
port = int(sys.argv[1])
print(json.dumps([l["nat"] for l in json.load(sys.stdin) if port in (l["local_port"], l["remote_port"]) and l["remote_port"]][0]))
