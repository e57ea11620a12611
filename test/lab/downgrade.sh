# prefer does not get round a peer's key: mallory claims another key, keeps IKE from bob, and gets nothing in the clear.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www evil=$scratch/evil
mkdir -p "$www" "$evil"
echo "hello from bob" >"$www/index.html"
echo "evil" >"$evil/index.html"
fetch() { on alice btns-run curl -sS4 -m 200 http://10.77.0.2:8000/ 2>"$scratch/err"; }
refused() { ! fetch; cat "$scratch/err"; says "$1" "$scratch/err" && ! says GET "$scratch/evil.log"; }
in_clear() { [[ $(fetch) == evil ]] && says "unprotected: " "$scratch/err"; }
rules() { # rules ACTION
    on alice rm -f /etc/btns/policy.d/50-curl.conf
    set_policy alice <<CONF
format = 1
profile "patient" { suites = { "aes256gcm16" } timeout = 60 }
program "curl" { match = { "/usr/bin/curl", "/usr/bin/python3*" }
  rule "now" { at = connect port = 8000 action = $1 profile = "patient" } }
CONF
}

export BTNSD_OPTS="--linger 1"
forget_ended alice bob mallory
up alice bob
rules prefer
serve bob 8000 "$www"; server=$served
on mallory python3 -m http.server --bind 0.0.0.0 --directory "$evil" 8000 >"$scratch/evil.log" 2>&1 & evil_server=$!
eventually 10 port_open mallory 8000
check known eval '[[ $(fetch) == "hello from bob" ]] && on alice btnsctl peers | grep -q 10.77.0.2'
eventually 15 nothing_left alice >/dev/null

# ---- another key at bob's address ----
up mallory
take_address bob
check changed-key-refused refused "the key of 10.77.0.2 has changed.*prefers protection, but to no other peer"
check changed-key-no-advice eval '! says "[Cc]lear|run btnsd" "$scratch/err"'
check changed-key-blocking eval '! on alice btns-run python3 "$py/try_connect.py" 10.77.0.2 8000'
down mallory

# ---- nobody answers IKE there: prefer goes on without, and no-downgrade does not ----
rules '{ prefer, no-downgrade }'
check silence-refused refused "no-downgrade.*demands protection"
check explained eval 'on alice btnsctl explain curl 10.77.0.2:8000 | tee /dev/stderr | grep -q "known (no-downgrade)"'
check stranger-in-clear eval 'on alice btnsctl explain curl 10.77.0.66:8000 | tee /dev/stderr | grep -q "is protected where that can be had"'
rules prefer
check silence-in-clear in_clear
return_address bob
cleanup_servers $server $evil_server
