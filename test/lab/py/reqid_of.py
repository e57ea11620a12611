# reqid_of.py PORT: prints the reqid of the connection with that local port, from `btnsctl latches --json` on standard input.
import json, sys
print([l["reqid"] for l in json.load(sys.stdin) if l["remote_port"] and l["local_port"] == int(sys.argv[1])][0])
