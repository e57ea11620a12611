#!/usr/bin/env bats
# A reload takes a whole generation of rules or none, whoever wrote them. With a part of btnsd and the real btnsctl.

load authors

# refused FILE REASON: the reload fails with this reason, and the old rules stay in force, for everybody.
refused() {
    as 0 reload
    [[ $status -eq 1 && ${output//$place\//} == "btnsctl: $1: $2"* ]] || { echo "wanted: $1: $2"; return 1; }
    decides 4001 10.0.0.2 habit
    decides 4002 10.0.0.1 law
    decides 4001 10.1.0.2 rest
    [[ $(grep -c 'rules in force (generation' "$place/log") -eq $generations ]]
}

@test "after any refusal, the generation before stays in force, and file, line and reason are reported (O4, O34)" {
    serve
    package 3
    sign
    as 0 reload
    [[ $status -eq 0 ]]
    generations=$(grep -c 'rules in force (generation' "$place/log")
    [[ $generations -ge 2 ]]
    # In the directory of policies: entries that are no file, not root's, or no policy.
    local bad=$place/policy/50.conf name=policy/50.conf good='program "x" { match = "*"\n rule "x" { action = discard } }\n'
    bad() { rm -rf "$bad"; printf "$1" >"$bad"; chmod 644 "$bad"; }
    ln -s 10.conf "$bad"
    refused $name "is a symbolic link, not a regular file"
    rm "$bad"; mkdir "$bad"
    refused $name "is a directory, not a regular file"
    rmdir "$bad"; mkfifo "$bad"
    refused $name "is a FIFO, not a regular file"
    rm "$bad"; mknod "$bad" c 1 5
    refused $name "is a device, not a regular file"
    bad "format = 1\n$good"; chown 4001 "$bad"
    refused $name "belongs to user 4001, not to root"
    bad "format = 1\n$good"; chmod 646 "$bad"
    refused $name "can be written by group or others"
    bad "format = 1\n$good"; truncate -s 100M "$bad"
    refused $name "larger than 65536 octets"
    bad "format = 1\n\\0$good"
    refused $name "holds a NUL octet"
    bad "format = 1\n${good%\}*}"
    refused $name:2 "this program is never closed"
    bad "format = 1\n/* $good"
    refused $name:2 "this comment is never closed"
    bad 'format = 1\nprogram "x" { match = "*" colour = red }\n'
    refused $name:2 '"colour" is not known in a program'
    bad 'format = 1\nprogram "x" { match = "*"\n rule "x" { action = discard\n action = bypass } }\n'
    refused $name:4 '"action" is already given on line 3'
    bad "format = 1\n$good$good"
    refused $name:4 'program "x" is already there on line 2'
    bad 'format = 1\nprogram "x" { match = "*"\n rule "x" { remote = "10.0.0.2" action = discard } }\n'
    mv "$bad" "$place/policy/10-x.conf"
    refused policy/10.conf:5 'rule "habit" (protect) conflicts with "x" (discard) at'
    rm "$place/policy/10-x.conf"
    # Packages, too.
    name=packages/acme-tool.conf
    package 4
    rm "$place/$name.sig"
    refused $name "has no signature beside it"
    sign other
    refused $name "its signature is none of an author's"
    package 2
    sign
    refused $name:2 'package "acme-tool" is rolled back'
    package 4 /usr/bin/curl
    sign
    refused $name:3 'program "tool": "/usr/bin/curl" is outside'
    package 4
    sign
    as 0 reload
    [[ $status -eq 0 && $(grep -c 'rules in force (generation' "$place/log") -eq $((generations + 1)) ]]
}

# Two generations that differ in five coupled fields, and clients that ask all the time.
@test "1,000 reloads under load: no decision is from half a generation (O34, O36)" {
    serve
    cat >"$BATS_TEST_TMPDIR/load.py" <<'END'
import os, re, socket, struct, sys, threading
place = sys.argv[1]
RELOAD, EXPLAIN = 11, 6
def text(name, suite, identity, seconds, action):
    return f"""format = 1
profile "{name}" {{ suites = {suite} identity = {identity} timeout = {seconds} }}
program "{name}" {{ match = "*" rule "{name}" {{ remote = "198.51.100.0/24" action = {action} profile = "{name}" }} }}
"""
texts = [text("A", "aes256gcm16", "any-key", 7, "protect"), text("B", "aes128gcm16", "known-key", 8, "prefer")]
whole = [r'is protected, or fails, by rule "A" .*profile "A": esp transport aes256gcm16, identity any-key',
         r'is protected where that can be had, by rule "B" .*profile "B": esp transport aes128gcm16, identity known-key']
def connect():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    s.settimeout(300)
    s.connect(place + "/socket")
    return s
def ask(s, kind, rest, n):
    s.send(struct.pack("=HHI", 1, kind, n) + rest)
    return s.recv(4096)
address = struct.pack("=HH", socket.AF_INET, 80) + bytes(4) + bytes([198, 51, 100, 9]) + bytes(12)
over, seen, bad = threading.Event(), [0, 0], []
def load():
    s, n = connect(), 0
    while not over.is_set():
        n += 1
        r = ask(s, EXPLAIN, struct.pack("=IIQ", 0, 6, 0) + address + b"/usr/bin/p".ljust(1024, b"\0"), n)
        said = r[40:].split(b"\0")[0].decode()
        for i in 0, 1:
            if re.search(whole[i], said):
                seen[i] += 1
                break
        else:
            bad.append(said)
            return
def put(i):
    with open(place + "/policy/.new", "w") as f: f.write(texts[i])
    os.chmod(place + "/policy/.new", 0o644)
    os.rename(place + "/policy/.new", place + "/policy/05.conf")
s = connect()
put(0)
ask(s, RELOAD, b"", 1)
threads = [threading.Thread(target=load) for i in range(3)]
for t in threads: t.start()
for i in range(1000):
    put((i + 1) % 2)
    r = ask(s, RELOAD, b"", i + 2)
    if struct.unpack_from("=HHII", r)[3]: bad.append(r[16:].split(b"\0")[0].decode())
over.set()
for t in threads: t.join()
print(seen, bad[:3])
sys.exit(bool(bad) or min(seen) < 100)
END
    run timeout 600 python3 "$BATS_TEST_TMPDIR/load.py" "$place"
    echo "$output"
    [[ $status -eq 0 ]]
    grep -q 'generation 1002' "$place/log"
}
