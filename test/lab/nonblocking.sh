# Non-blocking connects to a peer with whom there is no SA yet.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"

export BTNSD_OPTS="--linger 1 --verbose"
forget_ended alice bob
patient alice bob
up alice bob
serve bob 8000 "$www"; server=$served
wire alice start
before=$(segments alice bob)
on alice btns-run python3 "$py/poll_connect.py" 10.77.0.2 8000 >"$scratch/cold" 2>"$scratch/said"
on alice btns-run python3 "$py/poll_connect.py" fd77::2 8000 >"$scratch/cold6" 2>"$scratch/said"
on alice btns-run python3 "$py/poll_connect.py" 10.77.0.2 8000 >"$scratch/warm" 2>"$scratch/said"
for kind in cold cold6 warm; do
    cat "$scratch/$kind"
    check "poll-$kind-einprogress" eval 'cat "$scratch/'$kind'"; read -r code error at_once connected first <"$scratch/'$kind'"; [[ $code == EINPROGRESS && $error == 0 ]] && ((at_once <= connected))'
done
check poll-no-lost-syn none_lost "$before" alice bob
check guard-gone eventually 20 nothing_left alice
on alice btnsctl forget 10.77.0.2; on alice btnsctl forget fd77::2
on bob btnsctl forget 10.77.0.1; on bob btnsctl forget fd77::1
on alice btns-run python3 "$py/aio.py" 10.77.0.2 8000 >"$scratch/aio" 2>"$scratch/said"
check asyncio eval 'cat "$scratch/aio"; read -r ms body <"$scratch/aio"; [[ $body == "hello from bob" ]] && none_lost "$before" alice bob'
wire alice stop
check no-clear no_clear alice 8000

# A connect() while the guard's SA is being deleted: bob has deleted it, and his answer to alice is lost (what he sends
# her goes to a wrong Ethernet address).
here=$(on bob ip neigh show 10.77.0.1 | grep -oE 'dev [^ ]+')
idle() { tail -n "+$from" "$BTNS_LAB/alice.log" | grep 'tcp/8000: idle, up -> closing'; }
# at_once COMMAND...: succeeds as soon as COMMAND does, without a pause between two tries
at_once() { local n; for n in {1..5000}; do ! "$@" || return 0; done; return 1; }
connect_while_closing() {
    local code error rest closing before
    rm -f "$scratch/closed"
    for _ in 1 2 3 4 5; do # on a slow machine the linger time may be over before bob's answers are lost
        eventually 20 nothing_left alice
        from=$(($(wc -l <"$BTNS_LAB/alice.log") + 1))
        on alice btns-run python3 "$py/poll_connect.py" 10.77.0.2 8000 >"$scratch/again" 2>"$scratch/said"
        eventually 10 ended alice 8000
        on bob ip neigh replace 10.77.0.1 lladdr 02:00:00:00:00:99 $here
        idle || break
        on bob ip neigh del 10.77.0.1 $here
    done
    before=$(segments alice bob)
    on alice btns-run python3 "$py/poll_connect.py" 10.77.0.2 8000 "$scratch/closed" >"$scratch/closing" 2>"$scratch/said" & closing=$!
    eventually 10 idle && eventually 10 unlatched bob
    touch "$scratch/closed"
    at_once syn_sent alice 8000
    on bob ip neigh del 10.77.0.1 $here
    wait $closing
    cat "$scratch/closing"
    read -r code error rest <"$scratch/closing"
    [[ $code == EINPROGRESS && $error == 0 ]] && none_lost "$before" alice bob
}
# A SYN that is held for over a second, as a busy machine may do, is sent again by TCP, and counts as lost.
one_loses_nothing() { local try; for try in 1 2 3 4; do ! connect_while_closing || return 0; done; return 1; }
check poll-closing one_loses_nothing

# Nobody there: the attempt ends as though reset, within the rule's limit of 60 s, and the person is told why.
down bob
check bob-is-forgotten eval 'on alice btnsctl forget 10.77.0.2'
on alice btns-run python3 "$py/poll_connect.py" 10.77.0.2 8000 >"$scratch/dead" 2>"$scratch/dead.err"
check dead-econnreset eval 'cat "$scratch/dead"; read -r code error at_once connected first <"$scratch/dead"; [[ $code == EINPROGRESS && $error == ECONNRESET ]] && ((connected < 120000))'
check dead-says-why eval 'cat "$scratch/dead.err"; says "btns: python3.*: 10.77.0.2:8000: .*rule" "$scratch/dead.err"'
check dead-leaves-nothing eventually 15 nothing_left alice

on alice btnsctl forget 10.77.0.2 # otherwise alice remembers that it did not answer

# Packets of other programs are held for two seconds then, whatever the rule's limit (60 s here).
down alice
BTNSD_PATIENCE="" up alice
on alice btnsctl forget 10.77.0.2
deaf bob # bob does not even say that it has no IKE daemon
serve bob 8006 "$www" --clear; plain=$served
on alice btns-run python3 "$py/poll_connect.py" 10.77.0.2 8006 >"$scratch/held" 2>"$scratch/held.err" & held=$!
clear_goes() { on alice curl -sS --max-time 600 http://10.77.0.2:8006/; }
check held-for-a-moment eval 'wait $held; cat "$scratch/held.err"; says "packets to a service are held for 2[.]0 s at most" "$scratch/held.err" && says "hello from bob" <(clear_goes)'
check held-no-more eventually 10 eval '! on alice ip -o xfrm policy | grep "dport 8006 "'
kill "$plain"
hears bob
on alice btnsctl forget 10.77.0.2
down alice
up alice

# A program that makes its connect() only after btnsd has given up: here by a raw system call, which
# no shim sees. The server would accept it.
serve bob 8005 "$www" --clear; clear=$served
wire alice start
on alice btns-run python3 "$py/late_connect.py" "$scratch/go" >"$scratch/late" 2>&1 & late=$!
eventually 30 says 'latch-closed: python3.* 10.77.0.2:8005 ' "$BTNS_LAB/alice.log"
touch "$scratch/go"
wait $late
wire alice stop
check late-connect-cannot-leak eval 'cat "$scratch/late"; says "^late" "$scratch/late" && ! says "^late 0|EISCONN" "$scratch/late" && no_clear alice 8005'

# A socket that btnsd does not find when it refuses the attempt: what the kernel goes on sending is blocked.
on alice btnsctl forget 10.77.0.2
limit_rules 5 alice
wire alice start
blocked=$(counted alice XfrmOutPolBlock)
on alice btns-run python3 "$py/hidden_socket.py" 10.77.0.2 8005 tcp >"$scratch/hidden" 2>&1 & hidden=$!
check hidden-is-blocked eventually 60 eval 'on alice ip -o xfrm policy | grep "dport 8005 .*action block priority 50 "'
check hidden-syn-is-blocked eventually 60 eval '(($(counted alice XfrmOutPolBlock) > blocked))'
wire alice stop
check hidden-not-clear no_clear alice 8005
pkill -P $hidden; kill $hidden 2>/dev/null
cleanup_servers $server $clear
