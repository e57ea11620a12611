# Sourced: mallory, with a key of his own, takes the address of one end of a connection; what must hold then.
. "$BTNS_REPO/test/lab/lib.sh"

export BTNSD_OPTS="--linger 2"
trap '' PIPE # a client that has ended says why
up alice bob mallory

# The server: sends a line to each connection and keeps what it gets. Its queue is one connection long.
cat >"$scratch/server.py" <<'PY'
import os, socket, sys, threading
directory = sys.argv[2]
listener = socket.create_server(("0.0.0.0", int(sys.argv[1])), backlog=0)
def serve(s, number):
    s.sendall(b"from bob %d\n" % number)
    while not os.path.exists(directory + "/first"):  # else the TIME_WAIT is ours
        try:
            data = s.recv(4096)
        except OSError as e:
            data = b"ERROR %r" % e
            open(directory + "/%d" % number, "ab").write(data)
            return
        if not data:
            break
        open(directory + "/%d" % number, "ab").write(data)
    while os.path.exists(directory + "/half"):  # the half of the connection that is ours stays open
        threading.Event().wait(0.05)
    s.sendall(b"and goodbye\n")
    s.close()
number = 0
while True:
    while os.path.exists(directory + "/full"):  # who connects now is not answered: a SYN_SENT over there
        threading.Event().wait(0.05)
    s, _ = listener.accept()
    number += 1
    threading.Thread(target=serve, args=(s, number), daemon=True).start()
PY
# The client: does one step for each line it reads, and says when it is done.
cat >"$scratch/client.py" <<'PY'
import socket, struct, sys
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
s = socket.socket()
got = b""
def say(*words): print(*words, flush=True)
def seqs():
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    out = []
    for queue in (1, 2):
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        out.append(struct.unpack("I", s.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, 4))[0])
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, -1)
    return out
def read(until):
    global got
    while not got.endswith(until):
        part = s.recv(4096)
        if not part: break
        got += part
for line in sys.stdin:
    step = line.strip()
    try:
        if step == "connect":
            s.settimeout(120)
            s.connect(("10.77.0.2", int(sys.argv[1])))
            read(b"\n")
            say("connected", s.getsockname()[1], *seqs())
        elif step == "begin":  # the SYN is sent, or held
            s.setblocking(False)
            s.connect_ex(("10.77.0.2", int(sys.argv[1])))
            say("begun", s.getsockname()[1], 0, 0)
            s.setblocking(True)
            s.settimeout(120)
        elif step == "block":  # the same, and waits for the answer in connect() itself
            s.settimeout(None)
            say("blocking", 0, 0, 0)
            s.connect(("10.77.0.2", int(sys.argv[1])))
            say("answered")
        elif step == "greet":
            s.sendall(b"from alice\n")
            say("greeted")
        elif step == "half":
            s.shutdown(socket.SHUT_WR)
            say("half")
        elif step == "rest":
            read(b"goodbye\n")
            say("got", repr(got))
        elif step == "close":
            s.close()
            say("closed")
    except OSError as e:
        say("error", e)
PY
# Mallory sees the wire, so he knows every number. In the clear, and in ESP with SPIs that he saw and a key he made up.
cat >"$scratch/attack.py" <<'PY'
import socket, struct, sys
src, dst, sport, dport, seq, ack, spis = *sys.argv[1:3], *map(int, sys.argv[3:7]), sys.argv[7:]
S, D = socket.inet_aton(src), socket.inet_aton(dst)
def csum(b):
    b += b"\0" * (len(b) % 2)
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
def segment(flags, payload=b"", s=seq, a=ack):
    h = struct.pack("!HHIIBBHHH", sport, dport, s & 0xffffffff, a & 0xffffffff, 5 << 4, flags, 65535, 0, 0)
    c = csum(S + D + struct.pack("!BBH", 0, 6, len(h) + len(payload)) + h + payload)
    return h[:16] + struct.pack("!H", c) + h[18:] + payload
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
def send(protocol, body):
    raw.sendto(struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 1, 0, 64, protocol, 0, S, D) + body, (dst, 0))
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
segments = [segment(SYN), segment(SYN | ACK), segment(ACK), segment(PSH | ACK, b"INJECTED\n"), segment(FIN | ACK),
            segment(RST | ACK), segment(RST), segment(RST, s=seq + 4), segment(SYN, s=seq + 1000000)]
for tcp in segments:
    send(6, tcp)
for spi in spis:
    for number, tcp in enumerate(segments, 100000):
        send(50, struct.pack("!II", int(spi, 16), number) + b"\0" * 8 + tcp + b"\1\2\2\6" + b"\0" * 16)
PY

declare -A address=([alice]=10.77.0.1 [bob]=10.77.0.2)
key() { on "$1" btnsctl status --json | grep -o 'ed25519:[A-Za-z0-9+/=]*' | head -1; }
other() { [[ $1 == alice ]] && echo bob || echo alice; }
# take HOST / give_back HOST: mallory has HOST's IPv4 address, and HOST is off the switch
take() {
    on "$1" ip link set eth0 down
    on mallory ip addr add "${address[$1]}/24" dev eth0
    on "$(other "$1")" ip neigh flush all
}
give_back() {
    on mallory ip addr del "${address[$1]}/24" dev eth0
    on "$1" ip link set eth0 up
    on "$(other "$1")" ip neigh flush all
    on "$1" ip neigh flush all
}
# Who looks: every clear TCP packet that HOST lets out to the other's address, and what of it reaches mallory in ESP.
watch_out() { # watch_out HOST NAME
    on "$1" tcpdump -qni eth0 -U -Q out -w "$scratch/$2.clear" "tcp and dst host ${address[$(other "$1")]}" 2>/dev/null & watcher=$!
    eventually 5 test -s "$scratch/$2.clear"
}
sent_clear() { # sent_clear NAME: none
    [[ $(tcpdump -nr "$scratch/$1.clear" "${2-tcp}" 2>/dev/null | wc -l) == 0 ]] || { tcpdump -nr "$scratch/$1.clear"; return 1; }
}
spis_in() { on "$1" ip -o xfrm state | grep "dst ${address[$1]}" | grep -o 'spi 0x[0-9a-f]*' | grep -v 'spi 0x00000000' | cut -c5- | sort -u; }
# The only reqids that stand for SAs at HOST with the other's address: those of the other's key.
reqids_of() { on "$1" ip -o xfrm state | grep -w "${address[$(other "$1")]}" | grep -v 'spi 0x00000000' | grep -o 'reqid [0-9]*' | sort -u; }
keyed() { on mallory ip -o xfrm state | grep -v 'spi 0x00000000' | grep -E 'spi 0x[0-9a-f]+' || true; }

client() { # client PORT: a client whose steps are given by `step`
    rm -f "$scratch/steps" "$scratch/said"
    mkfifo "$scratch/steps"
    on alice btns-run python3 "$scratch/client.py" "$1" <"$scratch/steps" >"$scratch/said" 2>"$scratch/client.err" & program=$!
    exec 8>"$scratch/steps"
    said=0
}
step() { # step WHAT: and waits until it is done
    echo "$1" >&8 || { cat "$scratch/client.err" "$scratch/said"; return 1; }
    eventually 30 eval '(($(wc -l <"$scratch/said") > said))' >/dev/null
    said=$(wc -l <"$scratch/said")
}
client_ends() { exec 8>&-; wait $program 2>/dev/null || true; }

# attack NAME HOST: HOST is attacked by mallory at the other's address, at this point; sets what the checks look at
attack() {
    local name=$1 host=$2 peer before port rcv snd
    peer=$(other "$host")
    before=$(reqids_of "$host")
    spis=$(spis_in "$host")
    read -r _ port rcv snd < <(grep -E '^(connected|begun) ' "$scratch/said") || true
    watch_out "$host" "$name"
    take "$peer"
    : >"$scratch/mallory.log"
    # shellcheck disable=SC2086
    if [[ $host == alice ]]; then
        on mallory python3 "$scratch/attack.py" 10.77.0.2 10.77.0.1 8000 "$port" "$((rcv))" "$snd" $spis
    else
        on mallory python3 "$scratch/attack.py" 10.77.0.1 10.77.0.2 "$port" 8000 "$snd" "$rcv" $spis
    fi
    [[ $host == alice ]] || on mallory env BTNS_TIMEOUT=2 timeout 3 btns-run curl -sS4 -m 2 --interface 10.77.0.1 http://10.77.0.2:8000/ >"$scratch/$name.served" 2>&1 || true
    sleep 1 # retransmissions, answers to what came
    reqids_of "$host" >"$scratch/$name.reqids"
    echo "$before" >"$scratch/$name.before"
    keyed >"$scratch/$name.keyed"
    kill $watcher; wait $watcher 2>/dev/null || true
    give_back "$peer"
}
# What must hold at each of them: nothing in the clear, no SA with anybody else here or at his end, nothing of his
# in either program, nothing at his server.
unharmed() { # unharmed NAME [FILTER]
    sent_clear "$1" "${2-tcp}" &&
        comm -13 <(sort "$scratch/$1.before") <(sort "$scratch/$1.reqids") | { ! grep .; } &&
        { cat "$scratch/$1.keyed"; [[ ! -s $scratch/$1.keyed ]]; } &&
        ! grep -q 'from bob' "$scratch/$1.served" 2>/dev/null &&
        ! grep -r INJECTED "$scratch/said" "$got" && not says . "$scratch/mallory.log"
}
# Both ends got what the other sent, all of it, and nothing else.
whole() {
    local number
    cat "$scratch/said" "$scratch/client.err"
    number=$(grep -oE "^got b'from bob [0-9]+.nand goodbye.n'" "$scratch/said" | grep -oE '[0-9]+') &&
        [[ $(cat "$got/$number" 2>/dev/null) == "${1-from alice}" ]]
}

got=$scratch/got
mkdir "$got"
on bob btns-run python3 "$scratch/server.py" 8000 "$got" >"$RESULTS.d/server" 2>&1 & server=$!
eventually 10 port_open bob 8000
on mallory python3 -m http.server --bind 0.0.0.0 --directory /tmp 8000 >"$scratch/mallory.log" 2>&1 & evil=$!
connect() { client 8000; step connect; }
finish() { step rest; client_ends; }

