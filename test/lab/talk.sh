# Sourced by lab scripts: a connection that goes on talking, a request and its answer ten times a second.

cat >"$scratch/talk-server.py" <<'PY'
import socket, sys, threading
s = socket.create_server(("0.0.0.0", int(sys.argv[1])))
def serve(c):
    try:
        while True:
            d = c.recv(64)
            if not d: return
            c.sendall(d)
    except OSError: pass
while True:
    c, _ = s.accept()
    threading.Thread(target=serve, args=(c,), daemon=True).start()
PY
cat >"$scratch/talk.py" <<'PY'
import socket, sys, time
s = socket.create_connection((sys.argv[1], int(sys.argv[2])))
n = 0
while True:
    try:
        s.sendall(b"x" * 32)
        if not s.recv(64): raise EOFError
    except Exception as e:
        print("ended", repr(e), flush=True)
        break
    n += 1
    print(n, flush=True)
    time.sleep(0.1)
PY

# talk_serve HOST PORT: under btns-run; pid in $served
talk_serve() {
    on "$1" btns-run python3 "$scratch/talk-server.py" "$2" &
    served=$!
    eventually 10 port_open "$1" "$2"
}

# talk_start HOST ADDRESS PORT: returns when the first answer has come; pid in $started
talk_start() {
    : >"$scratch/talk-$1"
    on "$1" btns-run python3 "$scratch/talk.py" "$2" "$3" >"$scratch/talk-$1" 2>&1 &
    started=$!
    eventually 20 test -s "$scratch/talk-$1"
}

# talk_goes_on HOST: another answer has come since this was called, on the same connection
talk_more() { (($(wc -l <"$scratch/talk-$1") > $2)); }
talk_goes_on() {
    eventually 30 talk_more "$1" "$(($(wc -l <"$scratch/talk-$1") + 1))" && ! says ended "$scratch/talk-$1"
}
talk_ended() { says ended "$scratch/talk-$1"; }
