# "prefer everywhere": a host without btnsd costs a round trip or a moment once, and nothing for hours; a slow host is
# not taken for one without btnsd, and a host that has btnsd later is protected.
. "$BTNS_REPO/test/lab/lib.sh"

limit_rules 30 alice # a first answer is waited for 0.9 s: 3 % of it
up alice
on mallory sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0 # each attempt here needs its own ICMP error
echo hello >"$scratch/index.html"
serve mallory 8000 "$scratch" --clear; plain=$served
hosts=/var/lib/btns/plain_hosts
at=10.77.0.66
prefer() { on alice btns-run --prefer "$@" 2>"$scratch/err"; local rc=$?; cat "$scratch/err" >&2; return $rc; }
fetch() { prefer curl -sS -m 170 "http://$1:8000/" | tee "$scratch/out" | grep -qx hello; }
blocking() { prefer python3 "$py/errno_of.py" "$1" "$2" | tee "$scratch/out" | grep -qx "$3"; }
listed() { on alice grep -q "^$1 [0-9]* $2\$" $hosts; }
# asked_again ADDRESS: makes alice forget what she remembers about it
asked_again() { on alice btnsctl forget "$1" && eventually 10 not listed "$1" '.*'; }

# ---- the host says by ICMP that nobody has UDP port 500 ----
check icmp-non-blocking eval 'fetch $at && says "ICMP: UDP port 500 is unreachable.*prefers protection" "$scratch/err"'
check icmp-remembered eventually 10 listed $at none
check icmp-v6 eval 'fetch "[fd77::66]" && says "ICMP: UDP port 500 is unreachable" "$scratch/err"'
asked_again $at
check icmp-blocking eval 'blocking $at 8000 connected && says "ICMP: UDP port 500" "$scratch/err"'
check icmp-closed-port eval 'asked_again $at && blocking $at 81 ECONNREFUSED'
# The SYN that was held is sent, and not lost: TCP would send it again after a second. A busy machine may be that late.
# The answer takes a moment, in which the SYN is there to be held.
tc qdisc add dev mallory root netem delay 300ms
retransmitted() { on alice nstat -az TcpRetransSegs | awk '$1 == "TcpRetransSegs" { print $2 }'; }
not_lost() { local before; asked_again $at; before=$(retransmitted); fetch $at && [[ $(retransmitted) == "$before" ]]; }
check held-syn-is-sent eventually 10 not_lost
tc qdisc del dev mallory root
eventually 10 ended alice 8000 # what is still on the way would be in the next capture
# A connection that demands protection is refused after IKE's next try, and nothing is sent in the clear.
wire alice start
check demanded-refused eval 'asked_again $at && ! on alice btns-run curl -sS -m 170 http://$at:8000/ 2>"$scratch/err" && cat "$scratch/err" && says "ICMP: UDP port 500 is unreachable.*demands protection" "$scratch/err"'
wire alice stop
check demanded-not-clear no_clear alice 8000

# ---- across a restart, until it is forgotten ----
asked_again $at; fetch $at || true
eventually 10 listed $at none
kill_btnsd alice; up alice
check restart-remembers eval 'fetch $at && says "ran no btnsd when it was last asked.*btnsctl forget $at" "$scratch/err"'
check restart-demanded eval '! on alice btns-run curl -sS -m 170 http://$at:8000/ 2>"$scratch/err" && cat "$scratch/err" && not says "last asked" "$scratch/err"'
check forget-ends-it eval 'on alice btnsctl forget $at && fetch $at && says "ICMP: UDP port 500" "$scratch/err"'

# ---- a firewall drops IKE without a word ----
deaf mallory
asked_again $at
check silent-goes-on eval 'fetch $at && says "nobody answered IKE there within 0.9 s" "$scratch/err"'
check silent-remembered eventually 15 listed $at none
hears mallory

# ---- it has btnsd, but far away: the first connection goes on without, and the next is protected ----
kill $plain; wait $plain 2>/dev/null || true
up mallory
asked_again $at
serve mallory 8000 "$scratch" --clear; plain=$served
tc qdisc add dev mallory root netem delay 1200ms
fetch $at || true
check slow-is-noticed eval 'says "nobody answered IKE there within 0.9 s" "$scratch/err" && eventually 15 listed $at slow'
check slow-is-protected eval 'fetch $at && not says unprotected "$scratch/err" && latch alice ESTABLISHED "|$at" || on alice btnsctl peers | grep -q $at'
tc qdisc del dev mallory root
# ---- a host that is remembered as one without btnsd introduces itself ----
on alice btnsctl forget $at >/dev/null
check known-is-not-listed eval 'fetch $at && not says unprotected "$scratch/err" && eventually 10 not listed $at ".*"'
cleanup_servers $plain
