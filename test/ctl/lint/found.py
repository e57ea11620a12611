#!/usr/bin/env python3
"""What `btnsctl check --json` found, one line each: LINE CODE CHECK and the text under the caret."""
import json
import sys

for f in json.load(sys.stdin)["findings"]:
    text = ""
    if f["column"]:
        with open(f["file"]) as lines:
            line = lines.read().split("\n")[f["line"] - 1]
        text = line[f["column"] - 1 : f["column"] - 1 + f["width"]]
    print(" ".join(filter(None, [str(f["line"]), f["code"], f["check"], text])))
