# Programs that the shim does not reach, under btns-run's supervisor: static and Go ones, and children that lost the shim.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"

patient alice bob
up alice bob
serve bob 8000 "$www"
serve bob 8001 "$www" --clear
put_policy alice <<'END'
format = 1
program "test" {
  match = { "*" }
  rule "shut" { at = { connect } protocol = tcp remote = { "10.77.0.2" } port = { 8001 } action = discard }
}
END
datagram_rules alice bob </dev/null
on bob btnsctl reload
on alice btnsctl reload
capture alice 'udp port 5301 or udp port 8000'
wire alice start
wire bob start

hello() { [[ $(on alice btns-run "$@") == "hello from bob" ]]; }

# ---- a static program, and a Go program ----
check static-fetches hello busybox wget -qO- http://10.77.0.2:8000/
on alice btns-run busybox nc 10.77.0.2 8000 <&"$silence" >/dev/null & open=$!
check static-latch eventually 10 latch alice ESTABLISHED '^busybox.*10.77.0.2:8000'
kill $open; wait $open 2>/dev/null || true
check go-fetches eval 'on alice btns-run hey -n 20 -c 4 http://10.77.0.2:8000/ | grep -E "\[200\][[:space:]]*20"'
check static-refused eval '! on alice btns-run busybox wget -qO- http://10.77.0.2:8001/ 2>"$scratch/err"'
check static-says-rule says 'btns: busybox: 10.77.0.2:8001: discarded by rule .shut. ' "$scratch/err"

# ---- a static server: a clear client gets nothing, a protected one the page ----
on bob btns-run busybox httpd -f -p 8002 -h "$www" & httpd=$!
eventually 10 port_open bob 8002
check static-server hello busybox wget -qO- http://10.77.0.2:8002/
check static-server-latch latch bob LISTENER busybox
check static-server-shut drops bob on mallory curl -sS4 -m 500 http://bob:8002/

# ---- --require: programs that have lost the shim ----
mkdir -p "$scratch/jail/bin" "$scratch/copy"
cp /usr/bin/busybox "$scratch/jail/bin/"
cp "$BTNS_BUILD/btns-run" "$BTNS_BUILD/libbtns-shim.so" "$scratch/copy"
check empty-environment hello --require sh -c 'env -i /usr/bin/curl -sS4 http://10.77.0.2:8000/'
check another-root hello --require chroot "$scratch/jail" /bin/busybox wget -qO- http://10.77.0.2:8000/
gone() { [[ $(on alice "$scratch/copy/btns-run" --require sh -c "rm $scratch/copy/*.so; curl -sS4 http://10.77.0.2:8000/" 2>"$scratch/err") == hello* ]]; }
check without-its-file gone
check unprivileged eval '[[ $(on alice setpriv --reuid 65534 --regid 65534 --clear-groups btns-run --require sh -c "env -i /usr/bin/curl -sS4 http://10.77.0.2:8000/") == hello* ]]'
check nothing-else-leaves eval 'on alice btns-run --require "$BTNS_BUILD/programs/leaves-static" 10.77.0.2 8000 >"$scratch/ways" 2>/dev/null
    cat "$scratch/ways"; [[ $(grep -cE "^(sendto|sendto-unspec|sendmsg|sendmmsg|udp-connect|udp-send|udp-bind): ok|^(raw|icmp|packet|udplite): EACCES" "$scratch/ways") == 11 ]]'

# ---- UDP of a server and of clients without the shim ----
on bob btns-run --supervise env -i /usr/bin/python3 "$py/datagrams.py" answer 5301 >"$scratch/answers" 2>&1 & answers=$!
check udp-server eventually 30 says bound "$scratch/answers"
check udp-floor eval 'on bob ip -o xfrm policy | grep -E "proto udp .*sport 5301 .*action block"'
asks() { on alice btns-run "$1" env -i /usr/bin/python3 "$py/datagrams.py" ask 10.77.0.2 5301 "$2" | grep "answer to $2"; }
check udp-rule asks --supervise question
on alice btns-run --supervise env -i /usr/bin/python3 "$py/datagrams.py" talk 10.77.0.2 5301 connected >"$scratch/talk" 2>&1 & talk=$!
check udp-connected eventually 30 says 'answer to talk' "$scratch/talk"
check udp-latch latch alice ESTABLISHED 'python3.*10.77.0.2:5301'
kill $talk; wait $talk 2>/dev/null || true
check udp-require asks --require required
on alice btns-run "$BTNS_BUILD/programs/leaves-static" 10.77.0.2 5301 >"$scratch/ways" 2>/dev/null
check udp-static eventually 30 eval '[[ $(grep -c "got x" "$scratch/answers") == 5 ]]' # by sendto (2), sendmsg, sendmmsg, and connected
kill $answers; wait $answers 2>/dev/null || true

# ---- --require: programs that do without libc's connect(), or shut themselves in ----
on alice btnsctl watch --json >"$scratch/events" & watcher=$!
eventually 5 test -s "$scratch/events"
named() { eventually 5 grep -qE "latch-established.*\"program\":\"$1\".*\"remote_port\":8000" "$scratch/events"; }
programs=$BTNS_BUILD/programs
page() { on alice btns-run "$@" | tail -1 | grep -qx 'hello from bob'; }
if [[ -x $programs/ring-client ]]; then
    check io-uring page --require env -i "$programs/ring-client" 10.77.0.2 8000 sqpoll
    check io-uring-latch named ring-client
fi
if [[ -x $programs/fetch-rs ]]; then
    check rust page "$programs/fetch-rs" 10.77.0.2 8000
    check rust-latch named fetch-rs
fi
if /usr/bin/python3 -c 'import cffi' 2>/dev/null; then
    check cffi page --require env -i /usr/bin/python3 "$py/cffi_fetch.py"
    check cffi-latch named 'python3[^"]*'
fi
if [[ -n $(type -P bwrap) ]]; then
    sandboxed() { # OPTION...
        on alice setpriv --reuid 65534 --regid 65534 --clear-groups btns-run --require bwrap --bind / / --dev /dev --proc /proc \
            --unshare-user --unshare-pid "$@" /usr/bin/curl -sS4 http://10.77.0.2:8000/ | grep -qx 'hello from bob'
    }
    check bubblewrap sandboxed --clearenv
    check bubblewrap-latch named curl
    check bubblewrap-shim sandboxed # its user is unmapped there: the shim leaves the question to the supervisor
fi
kill $watcher; wait $watcher 2>/dev/null || true

# ---- the address is exchanged while btnsd is asked ----
check exchanged eval 'on alice btns-run --supervise "$BTNS_BUILD/programs/swapper-static" 10.77.0.2 8000 8001 40 2>/dev/null | tee "$scratch/made"; says "8001: 0," "$scratch/made"'
check exchanged-some-made eval '! says "8000: 0," "$scratch/made"'

kill $httpd; wait $httpd 2>/dev/null || true
check no-clear-8000 no_clear alice 8000
check no-clear-8001 no_clear alice 8001
check no-clear-8002 no_clear alice 8002
cleanup_servers "${captures[@]}"
check no-clear-udp eval '[[ -z $(tcpdump -nr "$scratch/alice.pcap" 2>/dev/null) ]]'
check esp-seen some_esp alice
