# Attacks: another key on the same address, a claimed key, clear segments into a latched flow.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/impostor.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 8M /dev/urandom >"$www/big"
evil=$scratch/evil
mkdir -p "$evil"
echo "evil" | tee "$evil/index.html" >"$evil/big"

key() { on "$1" btnsctl status --json | grep -o 'ed25519:[A-Za-z0-9+/=]*' | head -1; }
short() { key "$1" | cut -c1-18; }
# take_bob / give_back: mallory has bob's IPv4 and IPv6 addresses, and bob has none
take_bob() {
    on bob ip link set eth0 down
    on mallory ip addr add 10.77.0.2/24 dev eth0
    on mallory ip -6 addr add fd77::2/64 dev eth0 nodad
    on alice ip neigh flush all
}
give_back() {
    on mallory ip addr del 10.77.0.2/24 dev eth0
    on mallory ip -6 addr del fd77::2/64 dev eth0
    on bob ip link set eth0 up
    on bob ip -6 addr add fd77::2/64 dev eth0 nodad 2>/dev/null || true
    on alice ip neigh flush all
}
fetch() { on alice btns-run curl -sS4 -m 90 http://bob:8000/; }

export BTNSD_OPTS="--linger 1"
# Guards outlast TIME_WAIT; here that would only make the test wait (teardown.sh has it).
for host in alice bob mallory; do on $host sysctl -qw net.ipv4.tcp_max_tw_buckets=0; done
quiet() { eventually 15 nothing_left "$1" >/dev/null; }
up alice bob
serve bob 8000 "$www"; server=$served
on mallory python3 -m http.server --bind :: --directory "$evil" 8000 >"$scratch/evil.log" 2>&1 & evil_server=$!

# ---- with his own key on bob's address, before first contact: a leap of faith lands on him ... ----
up mallory
take_bob
check leap-lands-on-who-is-there eval '[[ $(fetch) == evil ]]'
check leap-is-recorded eval 'on alice btnsctl peers | grep 10.77.0.2 | grep -q "$(key mallory)"'
quiet alice
give_back
# ... and known-key refuses the change that bob's return is, until a person says that it is right.
check changed-key-refused eval '! fetch 2>"$scratch/err"; cat "$scratch/err"; says "key of 10.77.0.2 has changed" "$scratch/err" && says "btnsctl forget 10.77.0.2" "$scratch/err"'
check changed-key-forgotten on alice btnsctl forget 10.77.0.2
check after-forget eval '[[ $(fetch) == "hello from bob" ]]'
quiet alice

# ---- on bob's address now, with bob known ----
take_bob
check known-key-refuses-mallory eval '! fetch 2>"$scratch/err"; cat "$scratch/err"; says "has changed" "$scratch/err"'
give_back
check bob-again eval '[[ $(fetch) == "hello from bob" ]]'

# ---- clear segments, exactly in sequence, into a latched flow ----
cat >"$scratch/victim.py" <<'PY'
# Connects, prints the sequence numbers an attacker would love to know, then expects its data whole.
import socket, struct, sys, time
TCP_REPAIR, TCP_REPAIR_QUEUE, TCP_QUEUE_SEQ = 19, 20, 21
s = socket.create_connection(("10.77.0.2", int(sys.argv[1])))
def seqs():
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    out = []
    for queue in (1, 2):  # receive, send
        s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR_QUEUE, queue)
        out.append(struct.unpack("I", s.getsockopt(socket.IPPROTO_TCP, TCP_QUEUE_SEQ, 4))[0])
    s.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, -1)
    return out
rcv, snd = seqs()
print(s.getsockname()[1], rcv, snd, flush=True)
sys.stdin.readline()
try:
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    data = b""
    while True:
        part = s.recv(4096)
        if not part: break
        data += part
    print("alive" if data.endswith(b"hello from bob\n") and b"INJECTED" not in data else "corrupt", flush=True)
except OSError as e:
    print("dead", e, flush=True)
PY
cat >"$scratch/attack.py" <<'PY'
# Spoofs segments from bob's address with exact sequence numbers: RST, SYN, data.
import socket, struct, sys
sport, dport, seq, ack = map(int, sys.argv[1:5])
src, dst = socket.inet_aton("10.77.0.2"), socket.inet_aton("10.77.0.1")
def csum(b):
    b += b"\0" * (len(b) % 2)
    t = sum(struct.unpack("!%dH" % (len(b) // 2), b))
    while t >> 16: t = (t & 0xffff) + (t >> 16)
    return ~t & 0xffff
def segment(flags, payload=b"", s=seq):
    h = struct.pack("!HHIIBBHHH", sport, dport, s & 0xffffffff, ack, 5 << 4, flags, 65535, 0, 0)
    c = csum(src + dst + struct.pack("!BBH", 0, 6, len(h) + len(payload)) + h + payload)
    return h[:16] + struct.pack("!H", c) + h[18:] + payload
raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
for tcp in (segment(0x18, b"INJECTED"), segment(0x02), segment(0x14), segment(0x04), segment(0x04, s=seq + 8)):
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, src, dst)
    raw.sendto(ip + tcp, ("10.77.0.1", 0))
PY
attack() { # attack PORT RUNNER...: prints alive, corrupt or dead
    local port=$1 victim_port rcv snd
    shift
    rm -f "$scratch/go" "$scratch/victim"; mkfifo "$scratch/go"
    "$@" python3 "$scratch/victim.py" "$port" <"$scratch/go" >"$scratch/victim" 2>&1 &
    local victim=$!
    exec 9>"$scratch/go"
    eventually 10 test -s "$scratch/victim"
    read -r victim_port rcv snd <"$scratch/victim"
    on mallory python3 "$scratch/attack.py" "$port" "$victim_port" "$rcv" "$snd"
    sleep 1
    echo go >&9; exec 9>&-
    wait $victim
    sed -n 2p "$scratch/victim"
}
mismatches() { on alice awk '$1 == "XfrmInTmplMismatch" || $1 == "XfrmInNoStates" { n += $2 } END { print n + 0 }' /proc/net/xfrm_stat; }
serve bob 8001 "$www" --clear; clear=$served
check control-attack-kills-a-clear-flow eval '[[ $(attack 8001 on alice) != alive ]]'
before=$(mismatches)
check clear-segments-bounce-off eval '[[ $(attack 8000 on alice btns-run) == alive ]]'
check clear-segments-were-dropped-before-tcp eval '(($(mismatches) >= before + 5))'

# ---- he takes the address while a latch is established ----
on alice btns-run curl -sS4 --limit-rate 20k -o "$scratch/got" http://bob:8000/big & slow=$!
eventually 8 latch alice ESTABLISHED '10.77.0.2:8000' >/dev/null
eventually 8 test -s "$scratch/got"
wire mallory start
take_bob
: >"$scratch/evil.log"
check takeover-latch-fails eventually 60 latch alice FAILED '10.77.0.2:8000'
check takeover-says-why eval 'on alice btnsctl latches | tee /dev/stderr | grep -q "the latch is to $(key bob 2>/dev/null || cat $scratch/bobkey), but 10.77.0.2 now claims $(key mallory)"'
check takeover-new-connection-refused eval '! fetch'
check takeover-nothing-reached-mallory eval '! says GET "$scratch/evil.log"'
check takeover-nothing-delivered eval 'cmp -n "$(stat -c %s "$scratch/got")" "$scratch/got" "$www/big"'
check takeover-from-mallory-as-client eval '! on mallory btns-run curl -sS4 -m 8 --interface 10.77.0.2 http://alice:8000/'
wire mallory stop
check takeover-wire-has-no-clear no_clear mallory 8000
kill $slow; wait $slow 2>/dev/null || true
give_back
quiet alice

# ---- the introduction claims bob's key, by someone who does not have it ----
down mallory
impostor_start "$(key bob)"
check impostor-refused eval '! on alice btns-run curl -sS4 -m 90 http://mallory:8000/ 2>"$scratch/err"; cat "$scratch/err" "$scratch/impostor/load"; says "claims $(key bob | sed "s/[+]/[+]/g") but did not prove it" "$scratch/err"'
check impostor-not-recorded eval '! on alice btnsctl peers | grep 10.77.0.66 | grep -q "$(key bob)"'
check impostor-got-no-sa eval '! on mallory ip -o xfrm state | grep -q .'
impostor_stop
check bob-still-there eval '[[ $(fetch) == "hello from bob" ]]'
cleanup_servers $server $evil_server $clear
