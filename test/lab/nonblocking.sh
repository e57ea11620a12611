# Non-blocking connects to a peer with whom there is no SA yet.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"

cat >"$scratch/poll.py" <<'PY'
import errno, os, select, socket, sys, time
family = socket.AF_INET6 if ":" in sys.argv[1] else socket.AF_INET
s = socket.socket(family)
s.setblocking(False)
start = time.monotonic()
code = s.connect_ex((sys.argv[1], int(sys.argv[2])))
at_once = time.monotonic() - start
p = select.poll()
p.register(s, select.POLLOUT)
events = p.poll(120000)
error = s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
connected = time.monotonic() - start
if not error:
    s.setblocking(True)
    s.sendall(b"GET / HTTP/1.0\r\n\r\n")
    s.recv(1)
first = time.monotonic() - start
print(errno.errorcode[code], errno.errorcode.get(error, "0"), int(at_once * 1000), int(connected * 1000), int(first * 1000))
PY
cat >"$scratch/aio.py" <<'PY'
import asyncio, sys, time
async def main():
    start = time.monotonic()
    r, w = await asyncio.open_connection(sys.argv[1], int(sys.argv[2]))
    w.write(b"GET / HTTP/1.0\r\n\r\n")
    await w.drain()
    body = await r.read()
    print(int((time.monotonic() - start) * 1000), body.decode().split("\r\n\r\n")[1].strip())
asyncio.run(main())
PY

export BTNSD_OPTS="--linger 1"
up alice bob
serve bob 8000 "$www"; server=$served
wire alice start
before=$(segments alice bob)
on alice btns-run python3 "$scratch/poll.py" 10.77.0.2 8000 >"$scratch/cold" 2>&1
on alice btns-run python3 "$scratch/poll.py" fd77::2 8000 >"$scratch/cold6" 2>&1
on alice btns-run python3 "$scratch/poll.py" 10.77.0.2 8000 >"$scratch/warm" 2>&1
for kind in cold cold6 warm; do
    cat "$scratch/$kind"
    check "poll-$kind-einprogress" eval 'cat "$scratch/'$kind'"; read -r code error at_once connected first <"$scratch/'$kind'"; [[ $code == EINPROGRESS && $error == 0 ]] && ((at_once <= connected))'
done
check poll-no-lost-syn none_lost "$before" alice bob
check guard-gone eventually 20 nothing_left alice
on alice btnsctl forget 10.77.0.2; on alice btnsctl forget fd77::2
on bob btnsctl forget 10.77.0.1; on bob btnsctl forget fd77::1
on alice btns-run python3 "$scratch/aio.py" 10.77.0.2 8000 >"$scratch/aio" 2>&1
check asyncio eval 'cat "$scratch/aio"; read -r ms body <"$scratch/aio"; [[ $body == "hello from bob" ]] && none_lost "$before" alice bob'
wire alice stop
check no-clear no_clear alice 8000

# Nobody there: the attempt ends as though reset, within the rule's limit, and the person is told why.
down bob
check bob-is-forgotten eval 'on alice btnsctl forget 10.77.0.2'
on alice btns-run python3 "$scratch/poll.py" 10.77.0.2 8000 >"$scratch/dead" 2>"$scratch/dead.err"
check dead-econnreset eval 'cat "$scratch/dead"; read -r code error at_once connected first <"$scratch/dead"; [[ $code == EINPROGRESS && $error == ECONNRESET ]] && ((connected < 60000))'
check dead-says-why eval 'cat "$scratch/dead.err"; says "btns: python3.*: 10.77.0.2:8000: .*rule" "$scratch/dead.err"'
check dead-leaves-nothing eventually 15 nothing_left alice

# A program that makes its connect() only after btnsd has given up: here by a raw system call, which
# no shim sees. The server would take it.
cat >"$scratch/late.py" <<'PY'
import ctypes, errno, socket, struct, time
s = socket.socket()
s.setblocking(False)
print(errno.errorcode[s.connect_ex(("10.77.0.2", 8005))])
time.sleep(12)
libc = ctypes.CDLL(None, use_errno=True)
address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(8005), socket.inet_aton("10.77.0.2"))
for _ in range(3):
    r = libc.syscall(42, s.fileno(), address, len(address))
    print("late", r, errno.errorcode.get(ctypes.get_errno(), "0"))
    time.sleep(0.5)
PY
serve bob 8005 "$www" --clear; clear=$served
wire alice start
on alice btns-run python3 "$scratch/late.py" >"$scratch/late" 2>&1
wire alice stop
check late-connect-cannot-leak eval 'cat "$scratch/late"; says "^late" "$scratch/late" && ! says "^late 0|EISCONN" "$scratch/late" && no_clear alice 8005'
cleanup_servers $server $clear
