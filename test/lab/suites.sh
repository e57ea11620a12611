# A user's program has a weaker suite latched than root's program asks for.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
up alice bob
serve bob 8000 "$www" --clear; server=$served
cat >"$scratch/weak.conf" <<'END'
format = 1
profile "weak" { suites = { "aes128gcm16" } }
program "any" { match = { "*" } rule "weak" { at = { connect } action = protect profile = "weak" } }
END
chmod 755 "$scratch"; chmod 644 "$scratch/weak.conf"
cat >"$scratch/stay.py" <<'END'
import socket, sys
s = socket.create_connection(("10.77.0.2", 8000))
print("connected", flush=True)
try: s.recv(1)
except OSError as e: print(e.strerror, flush=True)
END
wire alice start
on alice setpriv --reuid 65534 --regid 65534 --clear-groups btns-run --policy "$scratch/weak.conf" \
    python3 "$scratch/stay.py" >"$scratch/stay" 2>&1 & user=$!
check weak-connected eventually 30 says '^connected' "$scratch/stay"
check weak-latched eval 'on alice btnsctl latches | grep -q aes128gcm16'
on alice btns-run --policy "$scratch/weak.conf" curl -sS4 -m 20 http://10.77.0.2:8000/ >"$scratch/same" 2>&1
check same-suite-shares eval 'cat "$scratch/same"; says "hello from bob" "$scratch/same"'
on alice btns-run curl -sS4 -m 20 http://10.77.0.2:8000/ >"$scratch/root" 2>&1
check root-gets-the-stronger eval 'cat "$scratch/root"; says "hello from bob" "$scratch/root"'
check weak-has-ended eventually 20 eval '[[ $(wc -l <"$scratch/stay") -gt 1 ]]'
check stronger-is-up eval 'on alice ip xfrm state | grep -q "rfc4106(gcm(aes)) 0x[0-9a-f]\{72\} "'
on alice setpriv --reuid 65534 --regid 65534 --clear-groups btns-run --policy "$scratch/weak.conf" \
    curl -sS4 -m 20 http://10.77.0.2:8000/ >"$scratch/after" 2>&1
check weaker-shares-the-stronger eval 'cat "$scratch/after"; says "hello from bob" "$scratch/after"'
# The connections so far have ended: only TIME_WAITs are left, at either end.
sed 's/aes128gcm16/chacha20poly1305/' "$scratch/weak.conf" >"$scratch/chacha.conf"; chmod 644 "$scratch/chacha.conf"
on alice setpriv --reuid 65534 --regid 65534 --clear-groups btns-run --policy "$scratch/chacha.conf" \
    curl -sS4 -m 20 http://10.77.0.2:8000/ >"$scratch/chacha" 2>&1
check another-as-strong eval 'cat "$scratch/chacha"; says "hello from bob" "$scratch/chacha"'
check another-is-up eval 'on alice ip xfrm state | grep -q "rfc7539esp"'
on alice btns-run --policy "$scratch/chacha.conf" python3 "$scratch/stay.py" >"$scratch/stay2" 2>&1 & root=$!
check root-connected eventually 30 says '^connected' "$scratch/stay2"
on alice setpriv --reuid 65534 --regid 65534 --clear-groups btns-run curl -sS4 -m 20 http://10.77.0.2:8000/ \
    >"$scratch/refused" 2>&1 || true
check refused-with-the-reason eval 'cat "$scratch/refused"; says "latched with suite chacha20poly1305" "$scratch/refused"'
check root-lives-on eval 'kill -0 $root && [[ $(wc -l <"$scratch/stay2") -eq 1 ]]'
wire alice stop
check no-clear no_clear alice 8000
cleanup_servers $server
kill $user $root 2>/dev/null
wait $user $root 2>/dev/null
down alice bob
