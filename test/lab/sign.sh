# Actions that are chained: segments signed with TCP-MD5, and source ports that nobody can foretell.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/blind.sh"

www=$scratch/www secret=the-secret-of-alice-and-bob
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"

sign_key() { on "$1" sh -c "mkdir -p /etc/btns/keys; chmod 700 /etc/btns/keys; umask 077; echo $3 >/etc/btns/keys/$2"; }
policy() { put_policy "$1"; }
sign_key alice bob $secret; sign_key bob alice $secret; sign_key alice wrong another-secret
policy alice <<'END'
format = 1
group "bob" { hosts = { 10.77.0.2, "fd77::2" } }
program "test" {
  match = { "*" }
  rule "signed" { remote = "@bob"  port = 8001  action = sign  sign-key = "/etc/btns/keys/bob" }
  rule "both" { at = connect  remote = "@bob"  port = 8002  action = { protect, sign }  sign-key = "/etc/btns/keys/bob" }
  rule "esp-alone" { at = connect  remote = "@bob"  port = 8012  action = protect }
  rule "unsigned" { at = connect  remote = "@bob"  port = 8003  action = bypass }
  rule "wrong" { at = connect  remote = "@bob"  port = 8004  action = sign  sign-key = "/etc/btns/keys/wrong" }
  rule "alone" { at = connect  remote = "@bob"  port = 8005  action = sign  sign-key = "/etc/btns/keys/bob" }
  rule "ports" { at = connect  remote = "@bob"  port = 8006  action = random-port }
  rule "latched" { at = connect  remote = "@bob"  port = 8007  action = { protect, random-port } }
}
END
policy bob <<'END'
format = 1
program "test" {
  match = { "*" }
  rule "mallory" { at = accept  remote = { 10.77.0.66, "fd77::66" }  port = 8001  action = bypass }
  rule "signed" { at = accept  remote = { 10.77.0.0/24, "fd77::/120" }  port = { 8001, 8003, 8004 }  action = sign  sign-key = "/etc/btns/keys/alice" }
  rule "both" { at = accept  remote = { 10.77.0.1, "fd77::1" }  port = { 8002, 8012 }  action = { sign, protect }  sign-key = "/etc/btns/keys/alice" }
  rule "unsigned" { at = accept  port = { 8005, 8006 }  action = bypass }
}
END
patient alice bob
up alice bob
for port in 8001 8002 8003 8004 8005 8007 8012; do serve bob $port "$www"; servers+=("$served"); done

# fetch PORT [CURL-OPTION...]: an ordinary curl, under btns-run
fetch() { on alice btns-run curl -sS -m 200 "${@:2}" "http://bob:$1/"; }
hello() { [[ $(fetch "$@") == "hello from bob" ]]; }
# counted HOST COUNTER: how many segments its kernel has dropped for that reason
counted() { on "$1" nstat -asz "TcpExtTCPMD5$2" | awk '/MD5/ { print $2 }'; }
# gets_nothing HOST COUNTER PORT: HOST's kernel counts dropped segments, and neither program gets data from the other
gets_nothing() {
    local before
    before=$(counted "$1" "$2")
    fetch "$3" -4 -o "$scratch/got" 2>"$scratch/err" &
    local client=$!
    eventually 10 eval "((\$(counted $1 $2) > before + 1))" || return 1
    kill $client 2>/dev/null || true
    ! wait $client || return 1
    [[ ! -s $scratch/got ]] && ! says GET "$RESULTS.d/server-bob-$3"
}

# ---- signed at both ends ----
wire alice start
check signed-4 hello 8001 -4
check signed-6 hello 8001 -6
wire alice stop
segments_of() { tcpdump -nvr "$(wire alice file)" "tcp port $1 and host $2" 2>/dev/null | grep -E 'Flags|md5'; }
# all_signed ADDRESS: each segment, and there are as many as a request and its answer take
all_signed() {
    segments_of 8001 "$1" | tee /dev/stderr | awk '/Flags/ { n++ } /Flags.*md5/ { signed++ } END { exit !(n >= 7 && n == signed) }'
}
check signed-every-segment-4 all_signed 10.77.0.1
check signed-every-segment-6 all_signed fd77::1
wire alice start
stays=$'ENOPROTOOPT\nENOPROTOOPT\nhello from bob'
check signed-key-stays eval '[[ $(on alice timeout 1000 btns-run python3 "$py/seek_md5.py" | tee /dev/stderr) == "$stays" ]]'
check signed-key-stays-supervised eval '[[ $(on alice timeout 1000 btns-run --supervise env -u LD_PRELOAD python3 "$py/seek_md5.py" | tee /dev/stderr) == "$stays" ]]'
wire alice stop
check signed-with-key-that-stays all_signed 10.77.0.1
check signed-every-way eval 'on alice timeout 1000 btns-run python3 "$py/each_connecting_call.py" >"$scratch/ways"; cat "$scratch/ways"; [[ $(grep -c " hello$" "$scratch/ways") == 6 ]]'
check signed-not-for-earlier-rule eval '[[ $(on mallory curl -sS4 -m 200 http://bob:8001/) == "hello from bob" && $(on mallory curl -sS6 -m 200 http://bob:8001/) == "hello from bob" ]]'
check signed-listed eval 'on bob btnsctl latches; on bob btnsctl latches --json | grep -F "signed with the key in /etc/btns/keys/alice"'

# ---- without the key, with another, or alone with it ----
check unsigned-gets-nothing gets_nothing bob NotFound 8003
check wrong-key-gets-nothing gets_nothing bob Failure 8004
check signed-alone-gets-nothing gets_nothing bob Unexpected 8005

# ---- exact segments from off the path ----
before=$(counted alice NotFound)
check blind-signed-lives eval '[[ $(attack 8001 on alice btns-run) == alive ]]'
check blind-dropped eval 'counted alice NotFound; (($(counted alice NotFound) >= before + 5))'
BIND=:: serve bob 8008 "$www" --clear; servers+=("$served")
check blind-control-dies eval '[[ $(attack 8008 on alice) != alive ]]'

# ---- with ESP ----
wire alice start
check both-fetches hello 8002 -4
wire alice stop
check both-esp eval 'some_esp alice && no_clear alice 8002'
check both-needs-signature gets_nothing bob NotFound 8012

# ---- processes that can read the key ----
scan() { python3 "$py/scan_memory.py" "$1" $secret; }
mkfifo "$scratch/hold"
on alice setpriv --reuid=65534 --regid=65534 --clear-groups btns-run python3 "$py/seek_key.py" <"$scratch/hold" >"$scratch/program" 2>&1 & program=$!
exec 8>"$scratch/hold"
check key-not-for-program eval 'eventually 10 says pid "$scratch/program"; cat "$scratch/program"; [[ $(sed -n 1,3p "$scratch/program") == "no option"$'"'\n'"'"no option"$'"'\n'"'"no file" && $(scan "$(sed -n "s/^pid //p" "$scratch/program")") == 0 ]]'
exec 8>&-
wait $program || true
check key-in-btnsd eval '[[ $(scan "$(pid_of alice pid)") == 1 ]]'
# A child that ends meanwhile has no memory.
not_in_children() {
    local children child
    children=$(pgrep -P "$(pid_of alice pid)"); echo "$children"
    [[ $children ]] || return 1
    for child in $children; do [[ $(scan $child) == 0 ]] || ! kill -0 $child || return 1; done
}
check key-not-in-its-children not_in_children
check key-never-told eval '! { on alice btnsctl explain /usr/bin/curl tcp 10.77.0.2:8001 --json; on alice btnsctl explain /usr/bin/curl tcp 10.77.0.2:8001; on alice btnsctl latches --json; on alice sh -c "cat /var/log/btns/* /etc/btns/policy.d/*"; cat "$BTNS_LAB"/*.log; } 2>&1 | grep -F $secret'
check sign-explained eval 'on alice btnsctl explain /usr/bin/curl tcp 10.77.0.2:8002 --json | tee "$scratch/json"; says "\"action\": *\"protect, sign\"" "$scratch/json" && says "signed with the key in /etc/btns/keys/bob" "$scratch/json"'
check sign-explained-accept eval 'on bob btnsctl explain -v --accept /usr/bin/python3 tcp 0.0.0.0:8001 | tee "$scratch/text"; says "10.77.0.0/24 it may come in the clear, by rule \"signed\" .*, signed with the key in /etc/btns/keys/alice" "$scratch/text"'
check sign-verbose eval 'on alice btns-run --verbose curl -sS4 http://bob:8001/ 2>"$scratch/err"; says "signed with the key in /etc/btns/keys/bob" "$scratch/err"'
# Newer kernels have this for each network namespace.
optmem() { on alice sysctl -qw net.core.optmem_max=$1 2>/dev/null || sysctl -qw net.core.optmem_max=$1; }
optmem 64
check sign-not-to-be-had eval '! fetch 8001 -4 2>"$scratch/err"; cat "$scratch/err"; says "does not sign with the key in /etc/btns/keys/bob" "$scratch/err"'
optmem 20480

# ---- source ports ----
on bob python3 "$py/keep_all.py" 8006 & servers+=($!)
eventually 10 port_open bob 8006
ports() { on alice btns-run python3 "$py/ports.py" "$@"; }
# All even or all odd, or all in a quarter of the range: once in 2^60 and less. The kernel's own are even, and near.
spread() {
    sort -n | tee "$scratch/ports" | awk 'NR == 1 { least = $1 } { most = $1; n[$1 % 2]++; all++ }
        END { exit !(all == 64 && n[0] && n[1] && least >= 32768 && most <= 60999 && most - least > 7000) }'
}
check ports-spread eval 'ports 64 >"$scratch/all"; cat "$scratch/all"; spread <"$scratch/all"'
check ports-control eval 'on alice python3 "$py/ports.py" 64 >"$scratch/all"; ! spread <"$scratch/all"'
check ports-own eval '[[ $(ports 1 45001) == 45001 ]]'
on alice sysctl -qw net.ipv4.ip_local_port_range="40010 40013" net.ipv4.ip_local_reserved_ports="40010,40012-40013"
check ports-reserved-and-out eval '[[ $(ports 2 2>"$scratch/err") == 40011$'"'\n'"'EADDRNOTAVAIL ]]; cat "$scratch/err"; says "no unpredictable source port" "$scratch/err"'
on alice sysctl -qw net.ipv4.ip_local_reserved_ports= net.ipv4.ip_local_port_range="32768 60999"
wire alice start
check ports-latched eval 'hello 8007 -4; hello 8007 -6'
check ports-latched-listed eval 'on alice btns-run python3 "$py/connect_and.py" 10.77.0.2 8007 btnsctl latches --json | tee "$scratch/json"; says "from a random port" "$scratch/json" && says "\"state\": *\"established\"" "$scratch/json"'
wire alice stop
check ports-latched-esp eval 'some_esp alice && no_clear alice 8007'

# ---- other rules: the keys of the old ones are gone ----
policy alice <<<'format = 1'
on alice btnsctl reload
check key-zeroed eval '[[ $(scan "$(pid_of alice pid)") == 0 ]]'
down alice bob
cleanup_servers "${servers[@]}"
