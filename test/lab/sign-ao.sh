# TCP-AO (RFC 5925): where the kernel has it, signed segments, refused ones and a key that is changed; elsewhere, refusals.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"

# keys HOST FILE LINE...
keys() {
    local host=$1 file=/etc/btns/keys/$2
    shift 2
    printf '%s\n' "$@" | on "$host" sh -c 'mkdir -p /etc/btns/keys; chmod 700 /etc/btns/keys; umask 077; cat >"$1"' sh "$file"
}
old='hmac-sha-1-96 the old secret' new='aes-128-cmac-96 the new secret'
keys alice ao "current 1 11 $old"; keys bob ao "current 11 1 $old"
keys alice other "current 1 11 hmac-sha-1-96 not the secret"; keys alice absent "current 7 77 $old"
ao='action = sign  auth = ao  sign-key = "/etc/btns/keys/ao"'
put_policy alice <<END
format = 1
group "bob" { hosts = { 10.77.0.2, "fd77::2" } }
program "test" {
  match = { "*" }
  rule "ao" { at = connect  remote = "@bob"  port = { 7000, 8001 }  $ao }
  rule "unsigned" { at = connect  remote = "@bob"  port = 8002  action = bypass }
  rule "other" { at = connect  remote = "@bob"  port = 8003  action = sign  auth = ao  sign-key = "/etc/btns/keys/other" }
  rule "absent" { at = connect  remote = "@bob"  port = 8004  action = sign  auth = ao  sign-key = "/etc/btns/keys/absent" }
  rule "both" { at = connect  remote = "@bob"  port = 8005  action = { protect, sign }  auth = ao  sign-key = "/etc/btns/keys/ao" }
}
END
put_policy bob <<END
format = 1
program "test" {
  match = { "*" }
  rule "ao" { at = accept  remote = { 10.77.0.1, "fd77::1" }  port = { 7000, 8001, 8002, 8003, 8004 }  $ao }
  rule "both" { at = accept  remote = { 10.77.0.1, "fd77::1" }  port = 8005  action = { protect, sign }  auth = ao  sign-key = "/etc/btns/keys/ao" }
}
END
patient alice bob
up alice bob
fetch() { on alice btns-run curl -sS -m 200 "${@:2}" "http://bob:$1/"; }
hello() { [[ $(fetch "$@") == "hello from bob" ]]; }

# The kernel's own answer, for the tests to say why they are skipped.
answer=$(on alice python3 "$py/kernel_has_ao.py")
echo "kernel $(uname -r): $answer" >"$RESULTS.d/tcp-ao"

# ---- a kernel without it ----
needs="the running kernel, $(uname -r), has no TCP-AO: Linux 6.7 or later is needed, built with CONFIG_TCP_AO"
refused() { ! fetch "$@" >"$scratch/got" 2>"$scratch/err"; cat "$scratch/err"; [[ ! -s $scratch/got ]] && says "$needs" "$scratch/err"; }
without_ao() {
    local port
    for port in 8001 8005; do BIND=:: serve bob $port "$www" --clear; servers+=("$served"); done
    wire alice start
    check refused-4 refused 8001 -4
    check refused-6 refused 8001 -6
    check refused-with-protect refused 8005 -4
    wire alice stop
    check nothing-clear eval 'tcpdump -nr "$(wire alice file)" "port 8001 or port 8005" 2>/dev/null >"$scratch/seen"; cat "$scratch/seen"; [[ ! -s $scratch/seen ]]'
    check control-clear eval '[[ $(on alice curl -sS4 -m 200 http://bob:8001/) == "hello from bob" ]]'
    check listener-refused eval '! on bob timeout 200 btns-run python3 -m http.server 8002 >"$scratch/out" 2>"$scratch/err"; cat "$scratch/err"; ! port_open bob 8002 && says "$needs" "$scratch/err"'
    check told eval 'for host in alice bob; do on $host btnsctl status >"$scratch/status" 2>&1; cat "$scratch/status"; says "10-test.conf:[0-9]+: connections of rule .* \(sign, auth = ao\) are refused: $needs" "$scratch/status" || exit 1; done'
    check logged eval 'says "are refused: $needs" "$(ls "$BTNS_LAB"/alice*.log | head -1)"'
}

# ---- a kernel that has it ----
counted() { on "$1" nstat -asz "TcpExtTCPAO$2" | awk '/AO/ { print $2 }'; }
# gets_nothing COUNTER PORT: bob's kernel counts dropped segments in COUNTER, and neither program gets data from the
# other
gets_nothing() {
    local before client asked
    before=$(counted bob "$1")
    asked=$(grep -c GET "$RESULTS.d/server-bob-$2" || true)
    fetch "$2" -4 -o "$scratch/got" 2>"$scratch/err" & client=$!
    eventually 10 eval "((\$(counted bob $1) > before + 1))" || return 1
    kill $client 2>/dev/null || true
    ! wait $client || return 1
    [[ ! -s $scratch/got && $(grep -c GET "$RESULTS.d/server-bob-$2" || true) == "$asked" ]]
}
# options PORT: of each segment, in the order of the wire: from whom, keyid and rnextkeyid of its option 29
options() { python3 "$py/ao_options.py" "$(wire alice file)" "$1"; }
# signed PORT KEYS: each segment has the option, and all have such a line
signed() { options "$1" | tee /dev/stderr | awk -v want="$2" '{ n++ } $0 ~ want { good++ } END { exit !(n >= 7 && n == good) }'; }
talk() {
    echo 60 >"$scratch/say/patience.new"
    mv "$scratch/say/patience.new" "$scratch/say/patience"
    touch "$scratch/say/one.$1"
    eventually 10 eval "((\$(wc -l <$scratch/one) >= $1 + 2))"
    [[ $(tail -n 1 "$scratch/one") == heard ]]
}
told() {
    local client rc=0
    fetch 8003 -4 -o "$scratch/got" 2>"$scratch/err" & client=$!
    eventually 15 eval 'on alice btnsctl status >"$scratch/status" 2>&1; cat "$scratch/status"; says "10.77.0.2:8003 does not answer segments signed with the key in /etc/btns/keys/other" "$scratch/status"' || rc=1
    eventually 10 eval 'on bob btnsctl status >"$scratch/status" 2>&1; cat "$scratch/status"; says "signed by TCP-AO with another key of the same identifier \(TCPAOBad\)" "$scratch/status"' || rc=1
    kill $client 2>/dev/null || true
    wait $client || true
    return $rc
}
with_ao() {
    local port
    for port in 8001 8002 8003 8004 8005; do serve bob $port "$www"; servers+=("$served"); done
    on bob btns-run python3 "$py/talk_server.py" 7000 >"$RESULTS.d/echo" 2>&1 & servers+=($!)
    eventually 10 port_open bob 7000
    wire alice start
    check ao-signed-4 hello 8001 -4
    check ao-signed-6 hello 8001 -6
    wire alice stop
    check ao-every-segment signed 8001 '^(alice 1 11|bob 11 1)$'
    check ao-with-protect hello 8005 -4
    check ao-unsigned-gets-nothing gets_nothing Required 8002
    check ao-other-secret-gets-nothing gets_nothing Bad 8003
    check ao-other-identifier-gets-nothing gets_nothing KeyNotFound 8004
    check ao-told told
    # seek RUNNER...: a program tries to read and remove the keys of its own connection
    seek() { on alice env SEND=1 RECEIVE=11 "$@" python3 "$py/seek_ao.py" >"$scratch/seek" 2>&1; cat "$scratch/seek"; }
    wire alice start
    check ao-key-not-for-program eval '[[ $(seek btns-run) == ENOPROTOOPT$'"'\n'"'ENOPROTOOPT$'"'\n'"'ENOPROTOOPT$'"'\n'"'"hello from bob" ]]'
    wire alice stop
    check ao-key-not-removed signed 8001 '^(alice 1 11|bob 11 1)$'
    check ao-supervised-finds-no-key eval '[[ $(on alice env SEND=1 RECEIVE=11 btns-run --supervise env -u LD_PRELOAD python3 "$py/seek_ao.py") == ENOPROTOOPT$'"'\n'"'ENOPROTOOPT$'"'\n'"'ENOPROTOOPT$'"'\n'"'"hello from bob" ]]'
    keys_change
}
# A key is changed while a connection lives.
keys_change() {
    local talker
    # First both hosts have both keys.
    mkdir "$scratch/say"
    keys alice ao "current 1 11 $old" "also 2 22 $new"; keys bob ao "current 11 1 $old" "also 22 2 $new"
    on alice btnsctl reload; on bob btnsctl reload
    on alice btns-run python3 "$py/talk_on_demand.py" one 7000 "$scratch/say" >"$scratch/one" 2>&1 & talker=$!
    eventually 20 grep -q up "$scratch/one"
    check ao-two-keys talk 0
    # A connection that lives moves to the new key in both directions, when each end's file names it.
    keys alice ao "also 1 11 $old" "current 2 22 $new"; keys bob ao "also 11 1 $old" "current 22 2 $new"
    on alice btnsctl reload; on bob btnsctl reload
    check ao-living-talks talk 1
    wire alice start
    check ao-living-talks-again talk 2
    wire alice stop
    check ao-living-has-new-key eval '[[ $(options 7000 | tee /dev/stderr | sort -u | xargs) == "alice 2 22 bob 22 2" ]]'
    check ao-living-told eval 'cat "$BTNS_LAB"/alice*.log "$BTNS_LAB"/bob*.log | grep -c "1 living connections have the TCP-AO keys of the new rules" | grep -qx 2'
    keys bob ao "current 11 1 $old" "also 22 2 $new"; on bob btnsctl reload
    # The client asks for the new key: the other end signs with it, and the earlier connection lives.
    keys alice ao "also 1 11 $old" "current 2 22 $new"
    on alice btnsctl reload
    wire alice start
    check ao-new-key hello 8001 -4
    wire alice stop
    check ao-new-key-on-the-wire signed 8001 '^(alice 2 22|bob 22 2)$'
    keys alice ao "current 1 11 $old" "next 2 22 $new"
    on alice btnsctl reload
    wire alice start
    check ao-next-key hello 8001 -6
    wire alice stop
    check ao-next-key-is-asked-for signed 8001 '^(alice [12] 22|bob 22 [12])$'
    # Both hosts drop the old key: no new connection has it, and the old connection goes on.
    keys bob ao "current 22 2 $new"
    on bob btnsctl reload
    check ao-old-key-gone gets_nothing KeyNotFound 8001
    keys alice ao "current 2 22 $new"
    on alice btnsctl reload
    check ao-new-key-alone hello 8001 -4
    check ao-connection-lives talk 3
    # Another secret with the same identifiers, in a running listener.
    keys bob ao "current 22 2 aes-128-cmac-96 a third secret"
    on bob btnsctl reload
    check ao-same-identifier-other-secret gets_nothing Bad 8001
    keys alice ao "current 2 22 aes-128-cmac-96 a third secret"
    on alice btnsctl reload
    check ao-third-secret hello 8001 -6
    check ao-secret-not-told eval '! { on alice btnsctl explain /usr/bin/curl tcp 10.77.0.2:8001 --json; on alice btnsctl latches --json; on bob btnsctl latches --json; on alice btnsctl status; on alice sh -c "cat /var/log/btns/*"; cat "$BTNS_LAB"/*.log; } 2>&1 | grep -E "(old|new|third) secret"'
    kill $talker 2>/dev/null || true
}
if [[ $answer == ENOPROTOOPT ]]; then without_ao; else with_ao; fi
down alice bob
cleanup_servers "${servers[@]}"
