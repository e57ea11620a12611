# This host translates its own connections (nat OUTPUT): a protected connection goes to the peer that was asked for, or
# nowhere.
. "$BTNS_REPO/test/lab/lib.sh"

export BTNSD_OPTS="--linger 1"
forget_ended alice bob mallory
patient alice bob
up alice bob
servers=''
for where in 'bob 8000' 'bob 8001' 'alice 8001' 'mallory 8002'; do
    on ${where% *} python3 "$py/greet.py" :: ${where#* } >/dev/null 2>&1 & servers+=" $!"
done
eventually 10 eval 'port_open bob 8000 && port_open bob 8001 && port_open alice 8001 && port_open mallory 8002'
wire alice start

fetch() { on alice btns-run python3 "$py/from_where.py" "$@"; }
gets() { local ip=$1 count=$2; shift 2; fetch "$ip" 8000 "$count" "$@" >"$scratch/got" 2>&1; cat "$scratch/got"; (($(grep -c hello "$scratch/got") == count)); }
nat() { local ip=$1; shift; if [[ $ip == *:* ]]; then on alice ip6tables-legacy -t nat "$@"; else on alice iptables-legacy -t nat "$@"; fi; }
looked() { on alice btns-run --verbose python3 "$py/from_where.py" "$1" 8000 1 2>&1 | grep -E "if ip6?tables-legacy"; }
not_looked() { on alice btns-run --verbose python3 "$py/from_where.py" "$1" 8000 1 2>&1 | tee "$scratch/not" | grep -q hello && ! grep -E "if ip6?tables-legacy" "$scratch/not"; }
entries() { on alice ip -o xfrm policy | grep -c 'priority 62000' || true; }

# A program with a verdict from the cache asks again when such a rule comes. It connects until that is refused or stopped.
check plain gets 10.77.0.2 3
check no-entries-without eval '[[ $(entries) == 0 ]]'
for bob in 10.77.0.2 fd77::2; do
    if [[ $bob == *:* ]]; then n=6 nowhere=2001:db8::1 dport="[$bob]:8001"; else n=4 nowhere=192.0.2.1 dport=$bob:8001; fi
    # A rule about other traffic: protected connections go on, and say what might happen.
    nat $bob -A OUTPUT -p tcp -d $nowhere --dport 9 -j DNAT --to "$dport"
    check said-$n eventually 10 looked $bob
    check said-unasked-$n eval 'gets $bob 3 nonblock >/dev/null; [[ $(grep -cE "if ip6?tables-legacy.* elsewhere, it is stopped: exempt its address" "$scratch/got") == 1 ]]'
    check unrelated-$n gets $bob 3
    check unrelated-nonblock-$n gets $bob 3 nonblock
    for way in '' nonblock; do
        # The service itself is translated: to another port, and to this host.
        nat $bob -I OUTPUT -p tcp -d $bob --dport 8000 -j DNAT --to "$dport"
        check dnat-$n$way drops alice on alice btns-run python3 "$py/from_where.py" $bob 8000 1 $way
        nat $bob -D OUTPUT 1
        nat $bob -I OUTPUT -p tcp -d $bob --dport 8000 -j REDIRECT --to-ports 8001
        check redirect-$n$way drops alice on alice btns-run python3 "$py/from_where.py" $bob 8000 1 $way
        nat $bob -D OUTPUT 1
    done
    nat $bob -F OUTPUT
    check forgotten-$n eventually 20 not_looked $bob
done

# Unprotected connections are not touched: a host without btnsd, if protection is only preferred.
nat 10.77.0.2 -A OUTPUT -p tcp -d 192.0.2.1 --dport 9 -j DNAT --to 10.77.0.2:8001
eventually 10 looked 10.77.0.2
mallory=$(on alice getent ahostsv4 mallory | awk '{ print $1; exit }')
for way in '' nonblock; do
    check prefer-clear$way eval 'on alice btns-run --prefer python3 "$py/from_where.py" "$mallory" 8002 2 $way 2>&1 | tee "$scratch/clear"; (($(grep -c hello "$scratch/clear") == 2))'
done
# The supervisor's programs, with a new guard: they wait for the verdict.
eventually 20 nothing_left alice
check supervised-cold eval '[[ $(on alice btns-run busybox nc 10.77.0.2 8000 <&"$silence") == hello ]]'
check entries-come-back eval 'on alice ip xfrm policy flush; eventually 10 eval "[[ \$(entries) == 2 ]]"'
check still-protected gets 10.77.0.2 2

# btnsd is killed, and its successor cleans up.
kill_btnsd alice
up alice
check after-restart gets 10.77.0.2 2
down alice
check none-left eval '[[ $(entries) == 0 ]]'
wire alice stop
check nothing-clear no_clear alice 8000
check nothing-clear-there no_clear alice 8001 # of bob's; mallory has 8002
check esp-was-used some_esp alice
kill $servers; wait $servers 2>/dev/null || true
cleanup_servers
