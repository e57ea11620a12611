# Datagrams of unmodified programs, between hosts: protected and latched.
. "$BTNS_REPO/test/lab/lib.sh"

export BTNSD_OPTS="--linger 1"
# 5300 to 5399 are protected, for a short time in 5390 to 5399; 5500 is nobody's. mallory has no btnsd.
for host in alice bob; do
    put_policy "$host" 10-udp.conf <<'RULES'
format = 1
profile "datagrams" { identity = any-key  timeout = 60 }
profile "soon" { identity = any-key  timeout = 4 }
program "every" {
  match = { "*" }
  rule "soon" { at = { connect }  protocol = udp  port = { "5390-5394" }  action = protect  profile = "soon" }
  rule "rather" { at = { connect }  protocol = udp  port = { "5395-5399" }  action = prefer  profile = "soon" }
  rule "strict" {
    at = { accept }  protocol = udp  port = { 5320 }  action = protect  profile = "datagrams"
    mandatory = true  reason = "nobody else"
  }
  rule "datagrams" { at = { connect, accept }  protocol = udp  port = { "5300-5389" }  action = protect  profile = "datagrams" }
}
RULES
done
patient alice bob
up alice bob
captures=()
capture() {
    on "$1" tcpdump -U -s 0 -i eth0 -w "$scratch/$1.pcap" 'udp or icmp or icmp6 or esp' 2>"$scratch/$1.tcpdump" & captures+=($!)
    eventually 20 says 'listening on' "$scratch/$1.tcpdump"
}
capture alice
capture bob

# bound HOST PORT [COUNT]: so many datagram sockets are bound to it there
bound() {
    local pid port near table found=0
    read -r pid <"$BTNS_LAB/hosts/$1.pid"
    printf -v port ':%04X' "$2"
    for table in "/proc/$pid/net/udp" "/proc/$pid/net/udp6"; do
        while read -r _ near _; do [[ $near != *$port ]] || ((++found)); done <"$table"
    done
    ((found >= ${3-1}))
}
servers=()
# serves HOST PORT COMMAND...: it has a datagram socket at that port
serves() {
    on "$1" "${@:3}" >"$scratch/serves-$1-$2" 2>&1 & servers+=($!)
    eventually 30 bound "$1" "$2"
}
# answers HOST PORT [COMMAND...]: datagrams.py answers there
answers() { serves "$1" "$2" "${@:3}" python3 "$py/datagrams.py" answer "$2"; }
ask() { on alice btns-run python3 "$py/datagrams.py" ask "$@"; }
clear_udp() { tcpdump -nr "$scratch/$1.pcap" "udp $2" 2>/dev/null || true; }
none_clear() { local n; n=$(clear_udp "$1" "$2"); [[ -z $n ]] || { echo "$n"; return 1; }; }
udp_floor() { on "$1" ip -o xfrm policy | grep -E "proto udp .*sport $2 .*action block"; }
protected_to() { latch alice ESTABLISHED "$1"; }

answers bob 5301 btns-run
check floor udp_floor bob 5301
check cold eval 'ask 10.77.0.2 5301 | grep "answer to a question"'
check cold-6 eval 'ask fd77::2 5301 | grep "answer to a question"'
check many eval 'on alice btns-run python3 "$py/datagrams.py" many 10.77.0.2 5301 300 | grep all'
check aio eval 'on alice btns-run python3 "$py/datagrams.py" aio 10.77.0.2 5301 | grep "answer to by asyncio"'
# Of 300 datagrams, few cost the shim anything: a question to btnsd, for the first ones.
on alice strace -f -e trace=getsockopt -o "$scratch/warm" \
    btns-run python3 "$py/datagrams.py" many 10.77.0.2 5301 300 >/dev/null
check warm eval 'n=$(grep -c SO_COOKIE "$scratch/warm"); echo "$n"; ((n > 0 && n < 100))'
# The mirror guard of a server that is not under btns-run.
answers bob 5305
check mirror eval 'ask 10.77.0.2 5305 | grep "answer to a question"'

# ---- a socket that lives on: btnsd is killed, and comes back ----
on alice btns-run python3 "$py/datagrams.py" talk 10.77.0.2 5301 >"$scratch/talk" 2>&1 & servers+=($!)
on alice btns-run python3 "$py/datagrams.py" talk fd77::2 5301 connected >"$scratch/talk-6" 2>&1 & servers+=($!)
check talks eval 'eventually 20 says "answer to talk" "$scratch/talk" && eventually 20 says "answer to talk" "$scratch/talk-6"'
check latched eval 'protected_to "10.77.0.2:5301" && protected_to "\[fd77::2\]:5301"'
answered() { grep -c 'answer to talk' "$scratch/$1"; }
# more NAME: it gets answers from now on
more() { local n; n=$(answered "$1"); eventually 60 eval "((\$(answered $1) > $n + 2))"; }
kill_btnsd alice
check killed more talk-6
up alice
check back eval 'more talk && more talk-6'

# ---- programs ----
serves bob 5300 btns-run dnsmasq --no-daemon --port=5300 --no-resolv --no-hosts --conf-file=/dev/null --user=root --address=/lab.test/192.0.2.7
check dig eval '[[ $(on alice btns-run dig +short -p 5300 @10.77.0.2 www.lab.test) == 192.0.2.7 ]]'
check dig-6 eval '[[ $(on alice btns-run dig +short -p 5300 @fd77::2 www.lab.test) == 192.0.2.7 ]]'
serves bob 5302 btns-run socat -T 3 UDP4-LISTEN:5302,fork,reuseaddr EXEC:cat
socat_asks() { { echo "by socat"; pause 3; } | on alice btns-run socat -t 20 - "UDP4:10.77.0.2:5302" | head -1 | grep 'by socat'; }
check socat socat_asks
on bob btns-run iperf3 -s -p 5303 >"$scratch/iperf3" 2>&1 & servers+=($!)
eventually 30 port_open bob 5303
check iperf3 eval 'on alice btns-run iperf3 -u -b 2M -t 2 -c 10.77.0.2 -p 5303 | grep -E "\(0(\.[0-9]+)?%\) +receiver"'
check iperf3-reverse eval 'on alice btns-run iperf3 -u -R -P 2 -b 1M -t 2 -c fd77::2 -p 5303 | grep -E "SUM.* receiver"'
serves bob 5304 btns-run socat -u UDP6-RECV:5304 STDOUT
on alice btns-run logger -d -n 10.77.0.2 -P 5304 'a line of syslog'
check logger eventually 20 says 'a line of syslog' "$scratch/serves-bob-5304"
serves bob 5306 btns-run node -e '
    const s = require("dgram").createSocket("udp4");
    s.on("message", (m, r) => s.send("node got " + m, r.port, r.address)); s.bind(5306)'
check node eval 'on alice btns-run node -e "
    const s = require(\"dgram\").createSocket(\"udp4\");
    s.on(\"message\", m => { console.log(String(m)); process.exit(0) }); s.send(\"hello\", 5306, \"10.77.0.2\")" | grep "node got hello"'

# ---- who is not protected ----
eventually 60 unlatched alice 5305
on alice python3 "$py/datagrams.py" ask 10.77.0.2 5305 open >"$scratch/open" 2>&1 || true
check open-to-others says 'answer to open' "$scratch/open"
dropped=$(dropped_at bob)
on mallory python3 "$py/datagrams.py" forge 10.77.0.66 10.77.0.2 5301 in-clear-of-mallory
check stranger-dropped eventually 20 eval '(($(dropped_at bob) > dropped))'
dropped=$(dropped_at bob)
on mallory python3 "$py/datagrams.py" forge 10.77.0.1 10.77.0.2 5301 in-clear-as-alice
check forged-dropped eventually 20 eval '(($(dropped_at bob) > dropped))'
check forged-not-heard not says in-clear "$scratch/serves-bob-5301"

# ---- a mandatory rule: for a server that is not under btns-run ----
answers bob 5320
check mandatory eval 'ask 10.77.0.2 5320 | grep "answer to a question"'
dropped=$(dropped_at bob)
on mallory python3 "$py/datagrams.py" forge 10.77.0.66 10.77.0.2 5320 in-clear-to-5320
check mandatory-dropped eventually 20 eval '(($(dropped_at bob) > dropped))'
check mandatory-not-heard not says in-clear "$scratch/serves-bob-5320"

# ---- refusals ----
# talks PORT NAME: alice talks to mallory
talks() { on alice btns-run python3 "$py/datagrams.py" talk 10.77.0.66 "$1" >"$scratch/$2" 2>&1 & servers+=($!); }
answers mallory 5390
answers mallory 5395
talks 5390 refused
check refused eventually 60 says EPERM "$scratch/refused"
check refused-why says 'btns: .*nobody answers IKE' "$scratch/refused"
check refused-not-sent not says 'got talk' "$scratch/serves-mallory-5390"
talks 5395 preferred
check preferred eventually 60 says 'answer to talk' "$scratch/preferred"
check preferred-said says 'btns: .*unprotected: ' "$scratch/preferred"
on alice ip route add 239.0.0.0/8 dev eth0
ask 239.1.2.3 5301 >"$scratch/multicast" 2>&1 || true
check multicast eval 'says "sendto: EACCES" "$scratch/multicast" && says "no single peer" "$scratch/multicast"'
# ---- btns-run --require ----
answers bob 5500
check require eval 'on alice btns-run --require python3 "$py/datagrams.py" ask 10.77.0.2 5500 required | grep "answer to required"'

cleanup_servers "${captures[@]}"
check none-clear-alice none_clear alice 'portrange 5300-5304 or udp port 5306 or udp port 5390 or udp port 5500'
check none-clear-bob none_clear bob 'src host 10.77.0.2 and udp portrange 5300-5304 or udp port 5306 or udp port 5500'
check esp-seen eval '[[ $(tcpdump -nr "$scratch/bob.pcap" esp 2>/dev/null | wc -l) -gt 100 ]]'
check nothing-quoted eval '! grep -aqE "answer to a question|by (asyncio|socat)|line of syslog|node got" "$scratch/alice.pcap" "$scratch/bob.pcap"'
cleanup_servers "${servers[@]}"
check ends eval 'eventually 60 nothing_left alice && eventually 60 nothing_left bob'
