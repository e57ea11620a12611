# holds.py EXPRESSION: prints v, the JSON on standard input; ends with 0 if the expression, of v, is true.
import json, sys
v = json.load(sys.stdin)
print(json.dumps(v))
sys.exit(not eval(sys.argv[1]))
