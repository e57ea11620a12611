# reqid_of.py PORT: of `btnsctl latches --json` on standard input, the reqid of the connection with that local port.
import json, sys
print([l["reqid"] for l in json.load(sys.stdin) if l["remote_port"] and l["local_port"] == int(sys.argv[1])][0])
