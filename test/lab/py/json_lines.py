# json_lines.py: ends with 0 if each line of standard input is JSON.
import json, sys
for line in sys.stdin:
    json.loads(line)
