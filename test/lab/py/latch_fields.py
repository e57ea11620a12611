# latch_fields.py NAME...: of each latch of `btnsctl latches --json` on standard input, these fields, as a list of lists.
import json, sys
print([[l[k] for k in sys.argv[1:]] for l in json.load(sys.stdin)])
