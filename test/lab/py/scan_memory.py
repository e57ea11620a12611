# scan_memory.py PID KEY: prints how often the key is in the memory of that process.
import re, sys
found = 0
with open(f"/proc/{sys.argv[1]}/mem", "rb", 0) as mem:
    for line in open(f"/proc/{sys.argv[1]}/maps"):
        a, b, mode = re.match("([0-9a-f]+)-([0-9a-f]+) (r?)", line).groups()
        try:
            mem.seek(int(a, 16))
            found += mem.read(int(b, 16) - int(a, 16)).count(sys.argv[2].encode()) if mode else 0
        except (OSError, ValueError, OverflowError): pass
print(found)
