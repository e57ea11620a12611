# Latch events: btnsctl watch prints them as they happen, and a btnsd started after a kill knows the latches.
. "$BTNS_REPO/test/lab/lib.sh"

www=$scratch/www
mkdir -p "$www"
truncate -s 30M "$www/big"
echo hello >"$www/index.html"
forget_ended alice bob
export BTNSD_OPTS="--linger 1"
patient alice bob
up alice bob

# watcher HOST NAME [COMMAND...]: a btnsctl watch there, in the background; pid in $watcher
watcher() {
    local host=$1 name=$2
    shift 2
    on "$host" "${@:-env}" btnsctl watch --json >>"$scratch/$name" 2>"$scratch/$name.err" & watcher=$!
    eventually 5 test -s "$scratch/$name"
}
# event NAME WHAT [PATTERN]: such an event was reported
event() { grep -E "\"event\":\"$2\"" "$scratch/$1" | grep -qE -- "${3-.}"; }
# in_order NAME WHAT...: these, in this order, are all events of curl's latch
in_order() {
    local name=$1 want
    shift
    want=$(printf '%s\n' "$@")
    diff <(echo "$want") <(grep '"program":"curl"' "$scratch/$name" | sed 's/.*"event":"\([a-z-]*\)".*/\1/')
}

watcher alice all; all=$watcher
watcher bob bobs; bobs=$watcher
watcher alice other setpriv --reuid=nobody --regid=nogroup --clear-groups; other=$watcher
serve bob 8000 "$www"; server=$served
on alice btns-run curl -sS4 -o /dev/null http://bob:8000/
check peer-new eventually 5 event all peer-new '"remote_address":"10.77.0.2".*"key":"ed25519:'
check whole-life eventually 5 in_order all latch-created latch-established latch-closed
check named eventually 5 event all latch-established '"program":"curl","pid":[1-9].*"uid":0.*"remote_port":8000.*"suite":"aes256gcm16"'
check server-told eventually 5 eval 'event bobs latch-created "\"state\":\"listener\".*\"program\":\"python3" && event bobs latch-established "\"program\":\"python3.*\"local_port\":8000.*\"remote_address\":\"10.77.0.1\""'
check end-names-both-ports event all latch-closed '"program":"curl".*"local_address":"10.77.0.1","local_port":[1-9][0-9]*,"remote_address":"10.77.0.2","remote_port":8000'
check others-not-told eval 'eventually 5 event other peer-new && ! grep -q latch- "$scratch/other"'

# An entry above the guard breaks the latch; without it, the latch recovers at once.
override() { on alice ip xfrm policy "$1" src 10.77.0.1 dst 10.77.0.2 proto tcp dir out ${2+priority $2}; }
: >"$scratch/all"
on alice btns-run curl -sS4 --limit-rate 20k -o /dev/null http://bob:8000/big & slow=$!
# (The latch is there before the handshake, and a connection that has not begun is ended when its latch breaks.)
eventually 5 latch alice ESTABLISHED curl
eventually 5 established alice 8000
override add 10
check broken-told eventually 5 event all latch-broken '"state":"failed","state08":"broken","reason_code":"policy-overridden"'
check broken-listed eval 'on alice btnsctl latches --json | grep -q "\"state\":\"failed\",\"state08\":\"broken\",\"reason_code\":\"policy-overridden\""'
override delete
check recovered-told eventually 5 event all latch-recovered '"program":"curl"'
check goes-on latch alice ESTABLISHED curl

# More changes of the SPD and SAD than btnsd's socket buffer holds, then one that matters: btnsd notices that one.
flooded() {
    local pid
    pid=$(pid_of alice pid)
    : >"$scratch/all"
    kill -STOP "$pid"
    on alice python3 "$py/change_spd.py" 20000 || true
    "$@"
    kill -CONT "$pid"
    eventually 10 event all resync
}
spd_of() { on alice ip -o xfrm policy | grep -E 'priority (100|2000|60[0-9]{3}) ' | sort; }
check overflow-nothing-changed eval 'flooded true && eventually 5 says " 0 of btnsd.s entries were put back" "$BTNS_LAB/alice.log"'
check overflow-override-noticed eval 'flooded override add 10 && eventually 5 event all latch-broken policy-overridden'
check overflow-recovery-noticed eval 'flooded override delete && eventually 5 event all latch-recovered'
eventually 5 latch alice ESTABLISHED curl
# An SA of the latch's reqid with a key of half the length.
reqid=$(spd_of | grep 'dport 8000.*dir out priority 100 ' | grep -o 'reqid [0-9]*' | cut -c7-)
weaker_sa() {
    on alice ip xfrm state add src 10.77.0.1 dst 10.77.0.2 proto esp spi 0x9001 reqid "$reqid" mode transport replay-window 32 \
        aead 'rfc4106(gcm(aes))' 0x000102030405060708090a0b0c0d0e0f10111213 128
}
weaker_sa_gone() { ! on alice ip -o xfrm state | grep 0x00009001; }
check overflow-weaker-sa-noticed eval 'flooded weaker_sa && eventually 5 event all latch-broken weaker-sa && eventually 5 weaker_sa_gone'
eventually 40 latch alice ESTABLISHED curl
flush_all() { on alice ip xfrm policy flush; on alice ip xfrm state flush; }
check overflow-flush-noticed eval 'n=$(spd_of | wc -l); ((n >= 2)) && flooded flush_all && eventually 5 eval "(( \$(spd_of | wc -l) == n ))"'
check overflow-sas-come-back eventually 10 eval '(($(sas alice) >= 2))'
check overflow-goes-on eventually 10 latch alice ESTABLISHED curl

# btnsd is killed: the next one knows the programs of the living connections.
before=$(on alice btnsctl latches | awk '$1 == "curl" { print $1, $2, $3, $4 }')
listener=$(on bob btnsctl latches | awk '$5 == "LISTENER" { print $1, $2, $3 }')
# btnsd writes its file of latches a second after a change.
eventually 10 on alice grep -q curl /run/btns/latches
eventually 10 on bob grep -q python3 /run/btns/latches
kill_btnsd alice bob
check watcher-ends eval 'wait $all; says "has ended" "$scratch/all.err"'
wait $bobs $other || true
up alice bob
named() { [[ $(on alice btnsctl latches | awk '$1 == "curl" { print $1, $2, $3, $4 }') == "$before" && -n $before ]]; }
check names-survive eval 'echo "$before"; eventually 5 named'
check rules-survive eval 'on alice btnsctl latches --json | grep "\"program\":\"curl\"" | grep -q "\"rule\":\"rule "'
check listeners-survive eval '[[ -n $listener && $(on bob btnsctl latches | awk "\$5 == \"LISTENER\" { print \$1, \$2, \$3 }") == "$listener" ]]'
check established-again eventually 20 latch alice ESTABLISHED curl
kill $slow; wait $slow 2>/dev/null || true
check gone-with-its-program eventually 5 not latch alice . curl
check registry-is-roots eval '[[ $(on alice stat -c %a:%u /run/btns/latches) == 600:0 ]]'

# A malformed line in the file of latches: btnsd refuses the whole file and logs why.
eventually 10 on alice test -s /run/btns/latches
kill_btnsd alice
on alice sed -i '2i\bad line' /run/btns/latches
# Files as a btnsd leaves them that was killed while writing.
on alice touch /run/btns/latches.abcdef.unfinished /var/lib/btns/known_peers.abcdef.unfinished
up alice
check unfinished-are-removed eval '[[ -z $(on alice find /run/btns /var/lib/btns -name "*.unfinished") ]]'
check mess-refused says '/run/btns/latches:2: not a latch: all of it is refused' "$BTNS_LAB/alice.log"

# A socket that several processes have ends with the last of them, killed or not (the rule would wait for a minute).
cat >"$scratch/patient.conf" <<'CONF'
format = 1
profile "patient" { identity = any-key  timeout = 60 }
program "all" { match = { "*" }  rule "patient" { action = protect  profile = "patient" } }
CONF
# held KIND ADDRESS PORT: starts holders.py; its pids are in $parent and $child
held() {
    : >"$scratch/child"
    on alice btns-run --policy "$scratch/patient.conf" python3 "$py/holders.py" "$@" >"$scratch/child" & parent=$!
    eventually 10 eval "[[ -s $scratch/child || ! -d /proc/$parent ]]"
    child=$(<"$scratch/child")
}
in_table() { on alice btnsctl latches | grep -E "python3.* $1"; }
watcher alice ends; ends=$watcher
# another_ends: curl's connection begins and ends, and its end is reported: by then btnsd has noticed all earlier
# changes
another_ends() {
    local from=$(($(wc -l <"$scratch/ends") + 1))
    on alice btns-run curl -sS4 -m 500 -o /dev/null http://bob:8000/
    eventually 10 eval "sed -n '$from,\$p' '$scratch/ends' | grep -q '\"event\":\"latch-closed\".*\"program\":\"curl\"'"
}
# mallory is silent: an ICMP error that nobody does IKE there would end the attempts at once.
on mallory ip xfrm policy add src 10.77.0.66 dst 10.77.0.1 dir out action block
held waiting 10.77.0.66 8000
# (On a slow machine the attempt has failed by now. It is listed as long as a process has the socket.)
check waits in_table '10.77.0.66:8000 .*(LARVAL|FAILED)'
kill -9 $parent; wait $parent 2>/dev/null || true
another_ends
check child-still-has-it in_table '10.77.0.66:8000 .*(LARVAL|FAILED)'
kill -9 "$child"
check crashed-is-noticed within 40 not in_table 10.77.0.66
check its-socket-too within 40 not eval 'on alice ss -Htan | grep 10.77.0.66'
# btnsd noticed the end before the attempt failed, which it does by itself after some seconds. A busy machine may need
# longer than that to kill both: then it is tried again with an address that btnsd does not know as silent yet.
end_told() { sed -n '/"event":"latch-closed".*"remote_address":"'"$1"'"/p' "$scratch/ends"; }
ended_first() { # ended_first ADDRESS
    on mallory sh -c "ip addr add $1/24 dev eth0; ip xfrm policy add src $1 dst 10.77.0.1 dir out action block"
    held waiting "$1" 8000
    kill -9 $parent "$child"; wait $parent 2>/dev/null || true
    eventually 20 eval "end_told $1 | grep ." >/dev/null
    end_told "$1"
    end_told "$1" | head -n 1 | grep -q '"reason_code":"ended"'
}
check crashed-is-noticed-first eval 'ended_first 10.77.0.71 || ended_first 10.77.0.72 || ended_first 10.77.0.73 || ended_first 10.77.0.74'
held passed 10.77.0.2 8000
kill -9 $parent; wait $parent 2>/dev/null || true
another_ends
check receiver-still-has-it in_table '10.77.0.2:8000 .*ESTABLISHED'
kill -9 "$child"
check passed-is-noticed eventually 5 not in_table 10.77.0.2
kill $ends; wait $ends 2>/dev/null || true

# btns-run --bypass: in the clear past a guard, with CAP_NET_ADMIN.
serve bob 8005 "$www" --clear; clear=$served
wire alice start
check bypass-goes-clear eval '[[ $(on alice btns-run --bypass curl -sS4 -m 200 http://bob:8005/) == hello ]] && (($(clear_tcp alice 8005) > 0))'
wire alice stop
check bypass-is-for-root eval '! on alice setpriv --reuid=nobody --regid=nogroup --clear-groups btns-run --bypass curl -sS4 -m 200 http://bob:8005/ 2>"$scratch/denied" && says "CAP_NET_ADMIN" "$scratch/denied"'
check bypass-with-the-capability eval '[[ $(on alice setpriv --reuid=nobody --regid=nogroup --clear-groups --inh-caps=+net_admin --ambient-caps=+net_admin btns-run --bypass curl -sS4 -m 200 http://bob:8005/) == hello ]]'
wire alice start
on alice btns-run curl -sS4 --limit-rate 20k -o /dev/null http://bob:8005/big & slow=$!
eventually 5 latch alice ESTABLISHED curl
eventually 5 established alice 8005
before=$(clear_tcp alice 8005)
on alice btns-run --bypass curl -sS4 -m 500 http://bob:8005/ >/dev/null 2>&1 & caller=$!
check bypass-around-a-guard eval '((before == 0)) && eventually 10 not no_clear alice 8005'
kill $caller 2>/dev/null || true; wait $caller || true
wire alice stop
kill $slow; wait $slow 2>/dev/null || true

# New rules that discard a connection close it as though reset; no latch is made to a no-latch address or key.
policy() { on alice tee /etc/btns/policy.d/05-no.conf >/dev/null && on alice btnsctl reload; }
watcher alice late; late=$watcher
on alice btns-run curl -sS4 -m 1000 --limit-rate 20k -o /dev/null http://bob:8000/big 2>"$scratch/reset" & slow=$!
eventually 5 latch alice ESTABLISHED curl
eventually 5 established alice 8000
policy <<'CONF'
format = 1
program "no" { match = { "/usr/bin/curl" }  rule "no" { remote = { "10.77.0.2/32" }  action = discard } }
CONF
check withdrawn-told eventually 5 event late latch-closed '"reason_code":"rule-withdrawn","reason":"rule withdrawn: .*05-no.conf.* discards it'
check withdrawn-reset eval '! wait $slow && cat "$scratch/reset" && says "reset|abort" "$scratch/reset"'
policy <<<'format = 1 no-latch = { "10.77.0.2/32" }'
check no-latch-range eval '! on alice btns-run curl -sS4 -m 200 http://bob:8000/ 2>"$scratch/no" && says "no latch may be made to 10.77.0.2" "$scratch/no"'
check no-latch-range-told eventually 5 event late latch-closed '"reason_code":"latching-refused"'
on alice rm /etc/btns/policy.d/05-no.conf
on alice btnsctl reload
key=$(on alice btnsctl status --json | grep -o 'ed25519:[^"]*')
on bob btnsctl nolatch "$key" on
check no-latch-key eval '! on alice btns-run curl -sS4 -m 200 http://bob:8000/ && says "peer-refused: 10.77.0.1 .*no latch may be made to" "$BTNS_LAB/bob.log"'
on bob btnsctl nolatch "$key" off
check no-latch-taken-back eval '[[ $(on alice btns-run curl -sS4 -m 200 http://bob:8000/) == hello ]]'
down alice
wait $late || true
BTNSD_OPTS="--linger 1 --no-latching" up alice
check switched-off eval '! on alice btns-run curl -sS4 -m 200 http://bob:8000/ 2>"$scratch/no" && says "switched off" "$scratch/no" && on alice btnsctl status | grep -q "switched off"'

cleanup_servers $server $clear
check nothing-left-alice eventually 30 nothing_left alice
check nothing-left-bob eventually 30 nothing_left bob
