# Very many connections of one service between two hosts. LATCHES: how many (`make soak`: 10,000).
. "$BTNS_REPO/test/lab/lib.sh"

latches=${LATCHES:-2000} few=100

forget_ended alice bob
export BTNSD_OPTS="--linger 1"
patient alice bob
up alice bob
ulimit -n $((latches + 1000))
servers=()
# serve_crowd PORT [COMMAND...]
serve_crowd() {
    port=$1
    on bob "${@:2}" btns-run python3 "$py/crowd.py" serve "$port" & servers+=($!)
    eventually 10 port_open bob "$port"
}
serve_crowd 7000

latches_at() { on "$1" btnsctl status --json | grep -oE '"latches": *[0-9]+' | grep -oE '[0-9]+$'; }
# kernel: SPD entries but for sockets' own, and SAs
kernel() { echo "$(on "$1" ip xfrm policy | grep -c 'dir ') $(on "$1" ip xfrm state | grep -c '^src')"; }
both() { "$1" alice; "$1" bob; }
latched() { [[ $(latches_at alice) == "$1" && $(latches_at bob) == $(($1 + ${#servers[@]})) ]]; } # bob's listeners too

# crowd COUNT NAME: that many connections, until NAME.close is made
crowd() {
    on alice btns-run python3 "$py/crowd.py" connect 10.77.0.2 "$port" "$1" "$scratch/$2" & crowds+=($!)
    eventually 120 test -e "$scratch/$2.up"
    cat "$scratch/$2.up"
}
go() { touch "$scratch/$1.close"; }

check a-few crowd $few few
check a-few-latched eventually 10 latched $few
of_few=$(both kernel) before=$(both rss)
check the-many crowd "$latches" many
check many-latched eventually 20 latched $((latches + few))
of_many=$(both kernel) after=$(both rss)
go many
check many-gone eventually 60 latched $few
check the-many-again crowd "$latches" again
check again-latched eventually 20 latched $((latches + few))
again=$(both rss)
go again
check again-gone eventually 60 latched $few

# A server of another user, whose link to btnsd has room for few messages; its ring has room for 340. btnsd reads none meanwhile,
# so that the messages about some 500 of 1,000 connections are left out.
sysctl -qw net.core.wmem_max=65536
serve_crowd 7001 setpriv --reuid 65534 --regid 65534 --clear-groups
btnsd=$(pid_of bob pid)
check one-more crowd 1 first
kill -STOP "$btnsd"
check too-many crowd 1000 missed
eventually 10 established bob 7001 1001
kill -CONT "$btnsd"
check missed-latched eventually 20 latched $((1001 + few))
go missed
go first
go few
wait "${crowds[@]}"
check all-gone eventually 60 latched 0

# Finds the process of each connection when processes share a listener, each shares memory with btnsd, and none names
# the connections that it accepts.
on bob btns-run python3 "$py/workers.py" serve 7002 "$scratch/workers" & servers+=($!)
eventually 10 eval 'port_open bob 7002 && port_open bob 7003 && port_open bob 7004'
on alice btns-run python3 "$py/workers.py" connect 10.77.0.2 7002 "$scratch/workers" & visitor=$!
eventually 20 eval '(($(wc -l <"$scratch/workers") == 4))'
latched_workers() { on bob btnsctl latches --json | python3 "$py/workers.py" latched 7002; }
check workers-latched eval 'diff <(sort "$scratch/workers") <(latched_workers | sort)'
touch "$scratch/workers.close"
wait "$visitor"
cleanup_servers "${servers[@]}"
check nothing-left eval 'eventually 30 nothing_left alice && eventually 30 nothing_left bob'

# bytes BEFORE AFTER: for each latch, at either end
bytes() { paste <(echo "$1") <(echo "$2") | awk -v n="$latches" '{ printf "%d ", ($2 - $1) * 1024 / n }'; }
{
    cat "$scratch/many.up"
    echo "SPD entries and SAs, alice and bob, with $few: $(paste -sd ' ' <<<"$of_few"); with $latches more: $(paste -sd ' ' <<<"$of_many")"
    echo "btnsd's memory for each latch (bytes), alice and bob: $(bytes "$before" "$after"); after they went and came again: $(bytes "$before" "$again")"
} | tee "$RESULTS.d/report"
check no-more-policies eval '[[ $of_few == "$of_many" ]]'
fits() { local n; for n in $1; do ((n <= 256)) || return 1; done; }
check memory-of-a-latch fits "$(bytes "$before" "$after")"
same() { paste <(tr ' ' '\n' <<<"$1") <(tr ' ' '\n' <<<"$2") | awk '{ bad += $2 > $1 * 1.2 + 8 } END { exit bad > 0 }'; }
check memory-comes-back same "$(bytes "$before" "$after")" "$(bytes "$before" "$again")"
