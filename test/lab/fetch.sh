# The main use: unmodified programs fetch over latched connections.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 10M /dev/urandom >"$www/big"
sum=$(sha256sum <"$www/big")

patient alice bob
up alice bob
wire alice start
wire bob start

serve bob 8000 "$www"
cat >"$scratch/nginx.conf" <<CONF
pid $scratch/nginx.pid; error_log $scratch/nginx.log; daemon off; worker_processes 2;
events { worker_connections 64; }
http { access_log off; server { listen 8080; listen [::]:8080; root $www; keepalive_timeout 60; } }
CONF
on bob btns-run nginx -c "$scratch/nginx.conf" >"$scratch/nginx.out" 2>&1 &
eventually 10 port_open bob 8080

fetch() { [[ $(on alice btns-run "$@") == "hello from bob" ]]; }
check first-contact fetch curl -sS4 http://bob:8000/
check peers-known eval 'on alice btnsctl peers | grep -q 10.77.0.2 && on bob btnsctl peers | grep -q 10.77.0.1'
check curl-python-v6 fetch curl -sS6 http://bob:8000/
check curl-nginx-v4 fetch curl -sS4 http://bob:8080/
check curl-nginx-v6 fetch curl -sS6 http://bob:8080/
check wget-python-v4 fetch wget -4qO- http://bob:8000/
check wget-python-v6 fetch wget -6qO- http://bob:8000/
check wget-nginx-v4 fetch wget -4qO- http://bob:8080/
check wget-nginx-v6 fetch wget -6qO- http://bob:8080/
check keep-alive eval '[[ $(on alice btns-run curl -sS4 -o /dev/null -o /dev/null -o /dev/null -w "%{num_connects}\n" \
    http://bob:8080/ http://bob:8080/ http://bob:8080/ | paste -sd "") == 100 ]]'

# An unprivileged user: no capability, and sees only own latches.
as_nobody() { on alice setpriv --reuid 65534 --regid 65534 --clear-groups "$@"; }
check unprivileged-user eval '[[ $(as_nobody btns-run curl -sS4 http://bob:8080/) == "hello from bob" ]]'
as_nobody btns-run curl -sS4 --limit-rate 20k -o /dev/null http://bob:8080/big & theirs=$!
on alice btns-run wget -4q --limit-rate=20k -O /dev/null http://bob:8080/big & ours=$!
check unprivileged-sees-own eventually 5 eval 'as_nobody btnsctl latches | grep -q curl'
check unprivileged-sees-only-own eval 'eventually 5 latch alice ESTABLISHED wget && ! as_nobody btnsctl latches | grep wget'
check unprivileged-may-not-forget eval '! as_nobody btnsctl forget 10.77.0.2 && ! as_nobody btnsctl reload'
kill $theirs $ours; wait $theirs $ours 2>/dev/null || true

# On a slow machine btnsd may need more than the second for which a non-blocking connect() waits: try again.
parallel_fetch() {
    local i pids=() bad=0
    for i in {1..20}; do
        on alice btns-run curl -sS4 --retry 20 --retry-all-errors --retry-delay 1 http://bob:8080/big | sha256sum >"$scratch/sum.$i" &
        pids+=($!)
    done
    wait "${pids[@]}"
    for i in {1..20}; do [[ $(cat "$scratch/sum.$i") == "$sum" ]] || bad=$((bad + 1)); done
    echo "$bad of 20 differ"
    ((bad == 0))
}
check parallel-20-of-10M parallel_fetch

# The latch on both ends, while a connection lives, names the other end's key.
on alice btns-run curl -sS4 --limit-rate 20k -o /dev/null http://bob:8080/big &
slow=$!
eventually 5 latch alice ESTABLISHED >/dev/null
# key_of HOST: the part of its key that btnsctl lists, as a pattern, because one key in seven has a + there
key_of() { on "$1" btnsctl status --json | grep -o 'ed25519:[A-Za-z0-9+/=]*' | head -1 | cut -c1-18 | sed 's/[+]/[+]/g'; }
check latch-client eventually 5 eval 'latch alice ESTABLISHED "curl.*10.77.0.2:8080.*$(key_of bob).*aes256gcm16"'
check latch-server eventually 5 eval 'latch bob ESTABLISHED "nginx.*10.77.0.2:8080.*10.77.0.1:.*$(key_of alice)"'
check listener-latch eventually 5 latch bob LISTENER 'nginx'
check latches-json eval 'on alice btnsctl latches --json | python3 -m json.tool'
check peers-json eval 'on alice btnsctl peers --json | python3 -m json.tool'
check status-json eval 'on alice btnsctl status --json | python3 -m json.tool'

# kill -9 in the middle of a transfer: the kernel's last segments are protected too.
kill -9 "$slow"; wait "$slow" 2>/dev/null || true

# A known peer needs no introduction: alice's charon has logged no new one.
down alice; up alice
before=$(grep -c 'establishing CHILD_SA' "$BTNS_LAB/alice.log" || true)
export BTNSD_OPTS=--verbose
down alice; : >"$BTNS_LAB/alice.log"; up alice
check known-peer fetch curl -sS4 http://bob:8000/
check known-peer-no-introduction eval '! grep -B15 introduc "$BTNS_LAB/alice.log" && grep -q "proving -> up" "$BTNS_LAB/alice.log"'

# ssh running a command
mkdir -p "$scratch/ssh"; mkdir -p /run/sshd 2>/dev/null || true
ssh-keygen -qt ed25519 -N '' -f "$scratch/ssh/host"; ssh-keygen -qt ed25519 -N '' -f "$scratch/ssh/user"
chmod 700 "$scratch/ssh"; cp "$scratch/ssh/user.pub" "$scratch/ssh/authorized"
on bob mkdir -p /run/sshd
on bob btns-run /usr/sbin/sshd -D -e -f /dev/null -p 2222 -h "$scratch/ssh/host" -o StrictModes=no \
    -o AuthorizedKeysFile="$scratch/ssh/authorized" -o PidFile="$scratch/ssh/pid" >"$scratch/sshd.log" 2>&1 &
sshd=$!
eventually 10 port_open bob 2222
check ssh-command eval '[[ $(on alice btns-run ssh -F none -p 2222 -i "$scratch/ssh/user" -o StrictHostKeyChecking=no \
    -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR root@bob echo done over ssh) == "done over ssh" ]] || { cat "$scratch/sshd.log"; false; }'

wire alice stop
wire bob stop
for port in 8000 8080 2222; do
    check "no-clear-alice-$port" no_clear alice $port
    check "no-clear-bob-$port" no_clear bob $port
done
check esp-on-the-wire eval 'some_esp alice && some_esp bob'
cleanup_servers $served $sshd "$(cat "$scratch/nginx.pid")"
