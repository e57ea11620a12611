# carol and dave behind the router nat, bob and mallory in front of it.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 4M /dev/urandom >"$www/big"
fetch() { on "$1" btns-run curl -sS4 -m 25 http://bob:8000/; }

# ---- the layout ----
check lab-out eval 'on carol ping -c 1 -W 5 bob && on dave ping -c 1 -W 5 bob'
check lab-not-in eval '! on bob ping -c 1 -W 1 192.168.77.2'
check lab-names eval '[[ $(on carol getent ahostsv4 carol nat bob | awk "/STREAM/ { print \$1 }" | tr "\n" " ") == "192.168.77.2 10.77.0.77 10.77.0.2 " ]]'
on bob timeout 60 python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.77.0.2", 5555))
print("ready", flush=True)
print(*s.recvfrom(10)[1], flush=True)' >"$scratch/from" & listener=$!
eventually 10 says ready "$scratch/from" >/dev/null
on carol bash -c 'echo hi >/dev/udp/10.77.0.2/5555'
wait $listener
check lab-translated eval 'cat "$scratch/from"; says "^10.77.0.77 2[0-9]{4}$" "$scratch/from"'

# ---- a client behind the router ----
export BTNSD_OPTS="--linger 1"
for host in bob carol dave; do on $host sysctl -qw net.ipv4.tcp_max_tw_buckets=0; done
up bob carol dave
serve bob 8000 "$www"; server=$served
wire carol start
wire bob start
check client-fetches eval '[[ $(fetch carol) == "hello from bob" ]]'
on carol btns-run curl -sS4 --limit-rate 100k -o "$scratch/got" http://bob:8000/big & slow=$!
eventually 8 latch bob ESTABLISHED 10.77.0.77 >/dev/null
check client-encapsulated eval 'on bob ip -o xfrm state | grep -c "espinudp sport 4500 dport 2[0-9][0-9][0-9][0-9]"'

# ---- a second one: to bob it is another key on the first one's address ----
check second-refused eval '! fetch dave'
check second-logged says "10.77.0.77 now claims .* but connections with it are latched to" "$BTNS_LAB/bob.log"
check first-goes-on eval 'kill -0 $slow && latch carol ESTABLISHED 10.77.0.2:8000'
kill $slow; wait $slow 2>/dev/null || true
wire carol stop
wire bob stop
check client-wire-inside eval 'wire carol report; no_clear carol 8000 && some_esp carol'
check client-wire-outside eval 'wire bob report; no_clear bob 8000 && some_esp bob'
cleanup_servers $server
