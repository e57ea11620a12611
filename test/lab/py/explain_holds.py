# explain_holds.py EXPRESSION: is it true of the first answer of `btnsctl explain --json` on standard input? v is the answer, c its
# candidates, wins the names of the rules that win.
import json, sys
v = json.load(sys.stdin)[0]
c = v["candidates"]
wins = [r["rule"] for r in c if r["outcome"] == "wins"]
result = eval(sys.argv[1])
print(result)
sys.exit(not result)
