# scan_memory.py PID KEY: prints how often the key is in the memory of that process. Only pages that are in memory are read:
# reading one of the many that a thread's stack has never used would make it.
import re, struct, sys
PAGE = 4096
pid, key = sys.argv[1], sys.argv[2].encode()


# Yields the start and end of each run of pages that the process has in memory.
def runs(pagemap, start, end):
    pagemap.seek(start // PAGE * 8)
    entries = pagemap.read((end - start) // PAGE * 8)
    begin = None
    for i in range(len(entries) // 8):
        there = struct.unpack_from("Q", entries, i * 8)[0] >> 62  # in memory, or swapped out
        if there and begin is None:
            begin = start + i * PAGE
        elif not there and begin is not None:
            yield begin, start + i * PAGE
            begin = None
    if begin is not None:
        yield begin, end


found = 0
with open(f"/proc/{pid}/mem", "rb", 0) as mem, open(f"/proc/{pid}/pagemap", "rb", 0) as pagemap:
    for line in open(f"/proc/{pid}/maps"):
        a, b, mode, place = re.match("([0-9a-f]+)-([0-9a-f]+) (r?).*?(\\[v.*)?$", line).groups()
        if not mode or place:
            continue
        for start, end in runs(pagemap, int(a, 16), int(b, 16)):
            mem.seek(start)
            data = mem.read(end - start)
            if len(data) != end - start:
                sys.exit(f"{start:x}-{end:x} of process {pid} cannot be read whole")
            found += data.count(key)
print(found)
