# Very many destinations of one socket, like a resolver's, few of which run btnsd; and whether others notice: a latched
# flow, a clear one, and a person with btnsctl. DESTINATIONS: how many (`make soak`: 10,000).
. "$BTNS_REPO/test/lab/lib.sh"

count=${DESTINATIONS:-100}
export BTNSD_OPTS="--linger 1"
datagram_rules alice bob <<<'rule "rather" { at = { connect }  protocol = udp  port = { 5300 }  action = prefer }'
patient alice bob
up alice bob
# mallory has all of these addresses, and no IKE daemon.
on mallory ip -6 route add local fd78::/64 dev lo
on alice ip -6 route add fd78::/64 via fd77::66
servers=()
on mallory python3 "$py/datagrams.py" answer 5300 >/dev/null 2>&1 & servers+=($!)
on bob python3 "$py/datagrams.py" answer 5500 >/dev/null 2>&1 & servers+=($!)
on bob btns-run python3 "$py/datagrams.py" answer 5301 >/dev/null 2>&1 & servers+=($!)
eventually 30 eval 'on bob ip -o xfrm policy | grep -q "sport 5301 .*action block"'
talks() { on alice btns-run python3 "$py/datagrams.py" talk 10.77.0.2 "$1" >"$scratch/talk-$1" 2>&1 & servers+=($!); }
talks 5301
talks 5500
answered() { grep -c 'answer to talk' "$scratch/talk-$1" || true; }
check talk eval 'eventually 30 says "answer to talk" "$scratch/talk-5301" && eventually 30 says "answer to talk" "$scratch/talk-5500"'
before=$(rss alice) latched=$(answered 5301) clear=$(answered 5500)

entries=0 slowest=0 looks=0
look() {
    local n begun=$(uptime_ms)
    on alice btnsctl status >/dev/null || return 1
    n=$(($(uptime_ms) - begun))
    ((n <= slowest)) || slowest=$n
    n=$(on alice ip -o xfrm policy | wc -l)
    ((n <= entries)) || entries=$n
    ((++looks))
}
watch_it() { while [[ -d /proc/$client ]]; do look || return 1; pause 0.5; done; }
# floods WHO PREFIX COMMAND...: one socket of this user, by COMMAND, sends to so many hosts
floods() {
    on alice "${@:3}" btns-run python3 "$py/destinations.py" "$count" "$2" 5300 >"$scratch/destinations" 2>"$scratch/said" & client=$!
    check status-answers-"$1" watch_it
    wait $client || true
    echo "$count destinations ($1): $(<"$scratch/destinations")" | tee -a "$RESULTS.d/report"
    check sent-"$1" says "^sent: $count " "$scratch/destinations"
}
charon=$(pid_of alice charon_pid)
floods user fd78:: setpriv --reuid 65534 --regid 65534 --clear-groups
floods root fd78::1: env
most=$(rss alice)
check same-charon eval '[[ $(pid_of alice charon_pid) == $charon ]]'
more() { local n; n=$(answered "$1"); eventually 60 eval "((\$(answered $1) > $n + 2))"; }
check others-go-on eval 'more 5301 && more 5500'
# An error of a call is a line of its own.
check others-unharmed eval '! grep -hE "^E[A-Z]+$" "$scratch/talk-5301" "$scratch/talk-5500"'
# One user has 1024 guards at most (btnsd(8)), of 8 entries at most; root has fewer that wait.
check bounded eval '((entries < 9000 && most < before + 65536))'
check swept eventually 60 eval '(($(on alice ip -o xfrm policy | wc -l) < 100))'
{
    echo "SPD entries: $entries at most, $(on alice ip -o xfrm policy | wc -l) afterwards; btnsd's memory (kB): $before, $most, $(rss alice) afterwards"
    echo "btnsctl status took $slowest ms at most, $looks times; the latched flow was answered $(($(answered 5301) - latched)) times, the clear one $(($(answered 5500) - clear))"
} | tee -a "$RESULTS.d/report"
cleanup_servers "${servers[@]}"
