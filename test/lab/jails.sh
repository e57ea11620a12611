# Programs in another root directory, and sockets that a program did not make: asked about, protected, and no stranger served.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www" "$scratch/jail"
chmod 755 "$scratch" "$scratch/jail"
echo hello >"$www/index.html"
cat >"$scratch/jail.py" <<'END'
# jail.py DIRECTORY connect|listen ADDRESS PORT: like servers that serve from a jail, as another user
import os, socket, sys
own = (sys.argv[3], int(sys.argv[4]))
os.chroot(sys.argv[1]); os.chdir("/"); os.setgroups([]); os.setgid(65534); os.setuid(65534)
s = socket.socket()
if sys.argv[2] == "connect":
    s.connect(own); s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    print(s.makefile().read())
else:
    s.bind(own); s.listen()
    while True:
        c, _ = s.accept(); c.sendall(b"hello\n"); c.close()
END
gets() { [[ $(on "$@" 2>&1) == *hello* ]]; }

patient alice bob
up alice bob
serve bob 8000 "$www"
wire alice start
wire bob start

# ---- another root directory
check connects gets alice btns-run python3 "$scratch/jail.py" "$scratch/jail" connect 10.77.0.2 8000
on bob btns-run python3 "$scratch/jail.py" "$scratch/jail" listen 10.77.0.2 8001 2>"$scratch/said" & jailed=$!
check listens eventually 10 port_open bob 8001
check listens-latch latch bob LISTENER 8001
check serves gets alice btns-run nc -w 8 10.77.0.2 8001
check serves-no-stranger drops bob on mallory timeout 500 nc 10.77.0.2 8001
if type -P haproxy >/dev/null; then
    printf '%s\n' global " chroot $scratch/jail" ' user nobody' ' group nogroup' defaults ' mode http' ' timeout connect 60s' \
        ' timeout client 60s' ' timeout server 60s' 'frontend f' ' bind 127.0.0.1:8200' ' default_backend b' \
        'backend b' ' server s 10.77.0.2:8000' >"$scratch/haproxy.cfg"
    on alice btns-run haproxy -W -f "$scratch/haproxy.cfg" >"$scratch/haproxy" 2>&1 & proxy=$!
    eventually 10 port_open alice 8200
    check haproxy gets alice curl -sS http://127.0.0.1:8200/
    kill $proxy
fi

# ---- a connection that is older than the program
on bob systemd-socket-activate --inetd -a -l 8002 btns-run sh -c 'echo hello; echo ran >&2' 2>"$scratch/inetd" & inetd=$!
eventually 10 port_open bob 8002
on mallory timeout 500 nc 10.77.0.2 8002 <"$scratch/jail.py" >"$scratch/stranger" 2>&1 || true
check inherited-asked eventually 10 says '10.77.0.66:[0-9]+: it came in without protection' "$scratch/inetd"
check inherited-ran eventually 10 says '^ran' "$scratch/inetd"
check inherited-no-stranger eval '! grep hello "$scratch/stranger"'
check inherited-peer gets alice btns-run nc -w 8 10.77.0.2 8002

# ---- programs that hand their work to another process
check starter-refused eval 'on alice btns-run --require service fetch start >"$scratch/starter" 2>&1; [[ $? == 126 ]] && says "service has the work done by" "$scratch/starter"'

kill $jailed $inetd
for port in 8000 8001; do check "no-clear-$port" no_clear alice $port; done
