# Signing keys of a listener that runs: they follow the rules and the key's file at a reload.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"

key() { on "$1" sh -c "mkdir -p /etc/btns/keys; chmod 700 /etc/btns/keys; umask 077; echo $2 >/etc/btns/keys/other"; }
# rules HOST POINT SIGNS: with the key (true), or in the clear
rules() {
    local action='action = bypass'
    [[ $3 != true ]] || action='action = sign sign-key = "/etc/btns/keys/other"'
    put_policy "$1" <<<"format = 1 program \"test\" { match = \"*\" rule \"r\" { at = $2 remote = { 10.77.0.0/24, \"fd77::/120\" } port = { 8001, 7000 } $action } }"
}
reload() { on "$1" btnsctl reload; }
key alice first; key bob first
rules alice connect true; rules bob accept true
patient alice bob
up alice bob
serve bob 8001 "$www"; server=$served
mkdir "$scratch/say"
on bob btns-run python3 "$py/talk_server.py" 7000 >"$RESULTS.d/echo" 2>&1 & echo_server=$!
eventually 10 port_open bob 7000
on alice btns-run python3 "$py/talk_on_demand.py" one 7000 "$scratch/say" >"$scratch/one" 2>&1 & talker=$!
eventually 20 grep -q up "$scratch/one"

hello() { [[ $(on alice btns-run curl -sS -m 200 "$@" http://bob:8001/) == "hello from bob" ]]; }
counted() { on "$1" nstat -asz "TcpExtTCPMD5$2" | awk '/MD5/ { print $2 }'; }
# refused COUNTER [OPTION...]: bob's kernel drops alice's segments, and counts them so
refused() {
    local before client
    before=$(counted bob "$1")
    on alice btns-run curl -sS -m 200 "${@:2}" -o "$scratch/got" http://bob:8001/ 2>"$scratch/err" &
    client=$!
    eventually 10 eval "((\$(counted bob $1) > before))" || return 1
    kill $client 2>/dev/null || true
    ! wait $client || return 1
    [[ ! -s $scratch/got ]]
}
says_now() {
    echo 60 >"$scratch/say/patience.new"
    mv "$scratch/say/patience.new" "$scratch/say/patience"
    touch "$scratch/say/one.$1"
    eventually 10 eval "((\$(wc -l <$scratch/one) >= $1 + 2))"
    tail -n 1 "$scratch/one"
}

check signed eval 'hello -4 && hello -6'
key bob second; reload bob
check old-key-refused refused Failure -4
status_says() { on "$1" btnsctl status 2>"$scratch/status" >/dev/null; cat "$scratch/status"; says "$2" "$scratch/status"; }
# While alice's connection with the old key waits, both hosts say why.
told() {
    local client rc=0
    on alice btns-run curl -sS4 -m 200 -o "$scratch/got" http://bob:8001/ 2>"$scratch/err" & client=$!
    eventually 15 status_says alice '10.77.0.2:8001 does not answer segments signed with the key in /etc/btns/keys/other' || rc=1
    eventually 10 status_says bob '[0-9]+ signed with another key \(TCPMD5Failure\); listeners with keys are on ports .*8001' || rc=1
    kill $client 2>/dev/null || true
    wait $client || true
    return $rc
}
check disagreement-told told
check connection-keeps-its-key eval '[[ $(says_now 0) == heard ]]'
key alice second; reload alice
check new-key-accepted eval 'hello -4 && hello -6'
check new-key-told eval 'on bob sh -c "cat /var/log/btns/*" | tee "$scratch/log" | grep -F "keys of TCP signatures"; ! grep -F second "$scratch/log"'
rules bob accept false; rules alice connect false; reload bob; reload alice
check unsigned-when-rules-say-so eval 'hello -4 && hello -6; on bob btnsctl latches'
rules bob accept true; reload bob
check unsigned-refused-again eval 'refused NotFound -4 && refused NotFound -6'
kill $talker $echo_server 2>/dev/null || true
down alice bob
cleanup_servers "$server"
