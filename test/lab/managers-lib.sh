# Sourced by the lab scripts about key managers other than btnsd's own: alice's rule, and who talks to bob.

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
head -c 1M /dev/urandom >"$www/big"
sum=$(sha256sum <"$www/big")

policy() { # policy FIELDS: alice's rule for bob's port 8000
    on alice sh -c 'cat >/etc/btns/policy.d/10-test.conf; chmod 644 /etc/btns/policy.d/10-test.conf' <<END
format = 1
profile "keys" { timeout = 15  $1 }
program "test" {
  match = { "*" }
  rule "bob" { at = { connect }  remote = { "10.77.0.2" }  port = { 8000 }  action = protect  profile = "keys" }
}
END
    on alice btnsctl reload
}
fetch() { on alice btns-run curl -sS4 -m 60 "$@" http://bob:8000/ 2>"$scratch/err"; }
refused_because() { ! fetch || return 1; cat "$scratch/err"; says "$1" "$scratch/err"; }
hello() { [[ $(fetch) == 'hello from bob' ]] || { cat "$scratch/err"; return 1; }; }
latches() { on "${AT-alice}" btnsctl latches --json; }
tell() { latches | python3 -c 'import json,sys
print([[l[k] for k in sys.argv[1:]] for l in json.load(sys.stdin)])' "$@"; }
# A connection of alice's that sends a line whenever its fifo gets one, and says what came back
talker() { # talker [UNDER [PORT]]
    cat >"$scratch/talk.py" <<'PY'
import socket, sys
s = socket.create_connection(("10.77.0.2", int(sys.argv[2])), timeout=float(sys.argv[1]))
print("connected", flush=True)
for line in sys.stdin:
    s.sendall(line.encode())
    try: print(s.recv(64).decode().strip(), flush=True)
    except OSError as e: print("error", e.errno, flush=True)
PY
    rm -f "$scratch/say"; mkfifo "$scratch/say"
    on alice "${1-btns-run}" python3 "$scratch/talk.py" 120 "${2-8000}" <"$scratch/say" >"$scratch/heard" 2>&1 & talker=$!
    exec 7>"$scratch/say"
    eventually 10 says connected "$scratch/heard"
}
stop_talker() { exec 7>&-; kill $talker 2>/dev/null || true; wait $talker 2>/dev/null || true; }
say() { echo "$1" >&7; } # to one that may have ended
trap '' PIPE
heard() { says "$1" "$scratch/heard"; }
echo_server() { # echo_server HOST [UNDER [PORT]]: of lines; who has come is in $scratch/came.PORT
    local host=$1 under=${2-env} port=${3-8000}
    cat >"$scratch/echo.py" <<'PY'
import socket, sys, threading
def serve(c):
    try:
        while d := c.recv(64): c.sendall(b"echo " + d)
    except OSError: pass
    c.close()
l = socket.create_server(("0.0.0.0", int(sys.argv[1])))
while True:
    c, who = l.accept()
    print("came", who[0], flush=True)
    threading.Thread(target=serve, args=(c,), daemon=True).start()
PY
    on "$host" "$under" python3 "$scratch/echo.py" "$port" >"$scratch/came.$port" 2>&1 & served=$!
    eventually 10 port_open "$host" "$port"
}
