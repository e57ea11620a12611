# Refused connections, traffic that is left alone, and the messages about both.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"

policy() { put_policy "$1"; }
no_policy() { drop_policy "$1"; }
rule() { # rule ACTION [FIELDS]
    echo 'format = 1'
    echo "program \"test\" { match = { \"*\" } rule \"r\" { at = { connect, accept } protocol = tcp ${2-} action = $1 } }"
}

# ---- the peer has no btnsd ----
limit_rules 4 alice
up alice
serve bob 8000 "$www" --clear
plain=$served
wire bob start
errno_of() { on "$1" btns-run python3 "$py/errno_of.py" "$2" "$3" 2>"$scratch/err"; }
protect_fails() {
    local start=$SECONDS status=0
    on alice btns-run "$@" 2>"$scratch/err" || status=$?
    cat "$scratch/err"; echo "status $status after $((SECONDS - start)) s"
    ((status != 0 && SECONDS - start <= 100)) # TCP alone would try for two minutes; the rule allows 4 s
}
check protect-fails-curl protect_fails curl -sS4 http://bob:8000/
check protect-says-program-peer-rule eval 'says "btns: curl: 10.77.0.2:8000: .*IKE.*rule \"web\" \(.*50-curl.conf:[0-9]+\)" "$scratch/err"'
check protect-says-what-to-do says 'btnsd|--prefer' "$scratch/err"
check protect-fails-wget protect_fails wget -4qO- --tries=1 http://bob:8000/
check protect-errno-blocking eval '[[ $(errno_of alice 10.77.0.2 8000) == EPERM ]]'
check protect-sent-nothing-clear no_clear bob 8000
check failed-leaves-nothing eventually 15 nothing_left alice

prefer() { on alice btns-run --prefer curl -sS4 http://bob:8000/ 2>"$scratch/prefer"; }
check prefer-goes-on eval '[[ $(prefer) == "hello from bob" ]]'
check prefer-says-so-once eval 'cat "$scratch/prefer"; [[ $(grep -c unprotected "$scratch/prefer") == 1 ]]'
on alice btns-run --prefer python3 "$py/hold.py" 10.77.0.2 8000 "$scratch/never" 2>"$scratch/err2" &
slow=$!
check prefer-listed eventually 6 latch alice UNPROTECTED 'python.*10.77.0.2:8000'
check prefer-blocking-says-so eval 'cat "$scratch/err2"; says "python3.*10.77.0.2:8000: unprotected" "$scratch/err2"'
kill $slow; wait $slow 2>/dev/null || true
check prefer-was-clear eval '(($(clear_tcp bob 8000) > 0))'
kill $plain; wait $plain 2>/dev/null || true

# ---- somebody else's clear connection to a service that cannot be protected, meanwhile ----
# bob does not even say that it has no IKE daemon
deaf bob
on bob python3 "$py/talk_server.py" 7000 & echo_server=$!
eventually 5 port_open bob 7000
# beside NAME COMMAND...: round trips of somebody else's during COMMAND. The longest, in ms, is NAME's last line, and how long
# COMMAND took is $attempt.
beside() {
    local name=$1 talk
    shift
    rm -f "$scratch/enough"
    on alice python3 "$py/worst_roundtrip.py" 10.77.0.2 7000 "$scratch/enough" >"$scratch/$name" & talk=$!
    eventually 10 says talks "$scratch/$name"
    attempt=$(uptime_ms)
    on alice btns-run "$@" 2>"$scratch/err" </dev/null
    attempt=$(($(uptime_ms) - attempt))
    touch "$scratch/enough"
    wait $talk
    echo "the attempt took $attempt ms" >>"$scratch/err"
}
beside worst-blocking python3 -c 'import socket; socket.create_connection(("10.77.0.2", 7000))'
check outsider-not-held-by-blocking eval 'cat "$scratch/err" "$scratch/worst-blocking"; says "nobody answers IKE|has no IKE daemon" "$scratch/err" && (($(tail -n 1 "$scratch/worst-blocking") < attempt * 3 / 4))'
beside worst-nonblocking curl -sS telnet://10.77.0.2:7000
check outsider-goes-on-after-nonblocking eval 'cat "$scratch/err" "$scratch/worst-nonblocking"; says "nobody answers IKE|has no IKE daemon" "$scratch/err" && (($(tail -n 1 "$scratch/worst-nonblocking") < 3 * attempt))'
kill $echo_server
hears bob

# ---- discard, bypass, loopback ----
patient alice bob
up bob
on alice btnsctl reload # from here on nothing is about the rule's limit
serve bob 8000 "$www"; server=$served
rule discard 'remote = { "10.77.0.2" }' | policy alice; on alice btnsctl reload
check discard-eacces eval '[[ $(errno_of alice 10.77.0.2 8000) == EACCES ]]'
check discard-says-rule eval 'cat "$scratch/err"; says "10.77.0.2:8000: discarded by rule .r. \(.*10-test.conf:2\)" "$scratch/err"'
check discard-is-refused-to-require eval '! on alice btns-run --require curl -sS4 http://bob:8000/'
serve bob 8001 "$www" --clear; clear=$served
rule bypass 'remote = { "10.77.0.2" } port = { 8001 }' | policy alice; on alice btnsctl reload
wire bob stop; wire bob start
check bypass-connects eval '[[ $(errno_of alice 10.77.0.2 8001) == connected ]]'
check bypass-is-clear eval '(($(clear_tcp bob 8001) > 0))'
no_policy alice
BIND=127.0.0.1 serve alice 8002 "$www"; local4=$served
BIND=::1 serve alice 8003 "$www"; local6=$served
BIND=:: serve alice 8004 "$www"; localany=$served
check loopback-v4 eval '[[ $(on alice btns-run curl -sS http://127.0.0.1:8002/) == hello* ]]'
check loopback-v6 eval '[[ $(on alice btns-run curl -sS "http://[::1]:8003/") == hello* ]]'
check own-address-v4 eval '[[ $(on alice btns-run curl -sS http://10.77.0.1:8004/) == hello* ]]'
check own-address-v6 eval '[[ $(on alice btns-run curl -sS "http://[fd77::1]:8004/") == hello* ]]'
check own-loopback-v6 eval '[[ $(on alice curl -sS "http://[::1]:8004/") == hello* ]]'

# ---- the server is under protect and the client speaks cleartext ----
: >"$RESULTS.d/server-bob-8000"
check clear-client-gets-nothing drops bob on mallory curl -sS4 -m 500 http://bob:8000/
check clear-client-v6-gets-nothing drops bob on mallory curl -sS6 -m 500 http://bob:8000/
check clear-client-never-reached eval '! says 10.77.0.66 "$RESULTS.d/server-bob-8000" && ! says fd77::66 "$RESULTS.d/server-bob-8000"'
check clear-client-no-answer eval '! on mallory ss -Htan "dport = :8000" | grep -q ESTAB'

# ---- a program outside the rules ----
answers_again 8000
wire bob stop; wire bob start
check protected-fetch eval '[[ $(on alice btns-run curl -sS4 http://bob:8000/) == hello* ]]'
check outsider-same-service eval '[[ $(on alice curl -sS4 -m 200 http://bob:8000/) == hello* ]]'
check outsider-other-service eval '[[ $(on alice curl -sS4 -m 200 http://bob:8001/) == hello* ]]'
check outsider-other-was-clear eval '(($(clear_tcp bob 8001) > 0))'
check outsider-same-was-protected no_clear bob 8000

# ---- policy refusals: the old rules stay ----
rejected() {
    printf '%s' "$1" | policy alice
    ! on alice btnsctl reload 2>"$scratch/err" || return 1
    cat "$scratch/err"
    says "10-test.conf:[0-9]+: " "$scratch/err"
}
check policy-missing-brace rejected 'format = 1
program "x" { match = { "*" }
  rule "r" { action = bypass '
check policy-unknown-field rejected 'format = 1
program "x" { match = { "*" } colour = red }'
check policy-old-rules-stay eval '[[ $(on alice btns-run curl -sS4 http://bob:8000/) == hello* ]]'
check policy-status-says-so eval 'on alice btnsctl status 2>&1 | grep -q "10-test.conf"'
no_policy alice

# ---- a user's own policy ----
rule bypass 'remote = { "10.77.0.2" } port = { 8001 }' >"$scratch/user.conf"
check user-policy eval '[[ $(on alice btns-run --policy "$scratch/user.conf" curl -sS4 http://bob:8001/) == hello* ]]'
echo 'format = 1 program "x" {' >"$scratch/bad.conf"
check user-policy-refused eval 'on alice btns-run --policy "$scratch/bad.conf" true 2>"$scratch/err"; s=$?; cat "$scratch/err"; ((s == 125)) && says ":1: " "$scratch/err"'
check check-runs-nothing eval 'on alice btns-run --check --to 10.77.0.2:8000 curl | tee /dev/stderr | grep -q "web"'

# ---- btnsd absent ----
down alice
check absent-fails-closed eval 'on alice btns-run curl -sS4 http://bob:8000/ 2>"$scratch/err"; s=$?; cat "$scratch/err"; ((s == 125)) && says "btnsd" "$scratch/err"'
check absent-btnsctl eval 'on alice btnsctl status 2>"$scratch/err"; s=$?; cat "$scratch/err"; ((s == 1)) && says "not running" "$scratch/err"'
wire bob stop
cleanup_servers $server $clear $local4 $local6 $localany
