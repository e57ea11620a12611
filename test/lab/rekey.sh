# Rekeys of the child SA and of the IKE SA, by either end and by both at once, under a request/response load.
# REKEYS: how many (`make soak`: 1,000). BASELINE: seconds of the same load without, before. STALLS: how many round
# trips may stall alone (`make soak`: 0): a rekey waits for two processes, which a busy machine may keep from running.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/esp-by-hand.sh"

rekeys=${REKEYS:-120} baseline=${BASELINE:-8}
stalls=${STALLS:-$((rekeys / 20))}

# counters: IPsec errors and retransmitted segments, of both kernels together, one a line
counters() {
    local host
    for host in alice bob; do
        on $host cat /proc/net/xfrm_stat
        on $host nstat -az TcpRetransSegs TcpExtTCPDSACKRecv TcpExtTCPTimeouts | awk 'NR > 1 { print $1, $2 }'
    done | awk '{ n[$1] += $2 } END { for (i in n) print i, n[i] }' | sort
}
rose() { join "$scratch/before" "$scratch/after" | awk '$2 != $3 { print $1, $3 - $2 }'; }
# lost: counts segments that were sent again and that the other end did not report as duplicates
lost() { awk '{ n[$1] = $2 } END { print n["TcpRetransSegs"] - n["TcpExtTCPDSACKRecv"] }' "$scratch/rose"; }
# The load has precedence over charon, btnsd and this script, so only the network, or the machine as a whole, delays it.
real_time() { exec chrt --fifo 10 "$@"; }
reqids() { on "$1" ip -o xfrm state | grep -oE 'reqid [0-9]{3,}' | sort -u; }

patient alice bob
up alice bob
# The witness's SAs are made by hand, and nobody rekeys them: its packets wait for the same parts of the kernel as
# the latched connection's (incoming packets of transport mode wait for a kernel thread), and for no process of ours.
esp_between 10.77.0.1 10.77.0.2
real_time on bob btns-run python3 "$py/pingpong.py" serve 10.77.0.2 7000 & servers=($!)
real_time on bob python3 "$py/pingpong.py" serve 10.77.0.2 8000 & servers+=($!)
eventually 10 port_open bob 7000
eventually 10 port_open bob 8000
wire alice start
monitor_sas alice
real_time on alice btns-run python3 "$py/pingpong.py" load 10.77.0.2 7000 "$scratch/stop" "$scratch/latched" 10 & load=$!
real_time on alice python3 "$py/pingpong.py" load 10.77.0.2 8000 "$scratch/stop" "$scratch/by-hand" 1 & witness=$!
eventually 20 test -e "$scratch/latched"
eventually 20 test -e "$scratch/by-hand"
reqid=$(on alice ip -o xfrm policy | grep -oE 'dport 7000 .* priority 100 .* reqid [0-9]+' | grep -oE '[0-9]+$' | head -n 1)
sleep "$baseline"

rss="$(rss alice) $(rss bob)"
counters >"$scratch/before"
from=$(uptime_ms)
check rekeyed python3 "$py/rekeys.py" "$rekeys" "$scratch/log" "$(vici_of alice)" "$(vici_of bob)"
to=$(uptime_ms)
pause 6 # charon keeps the last old SA for 5 s
counters >"$scratch/after"
rss+=" $(rss alice) $(rss bob)"
told() { on "$1" btnsctl latches --json >"$scratch/$2"; }
kernels() { on alice ip -s xfrm state >"$scratch/$1"; }
carried() {
    kernels first
    told alice before-capture
    on alice timeout 600 tcpdump -c 100 -nni eth0 esp >"$scratch/capture" 2>/dev/null
    told alice after-capture
    told bob peer-capture
    told alice later
    kernels last
    python3 "$py/sa_of_packets.py" "$scratch"/{before-capture,after-capture,peer-capture,later,capture,first,last}
}
check told-which-sa-carried-what eval 'carried || carried || carried' # again if an end moves to another SA meanwhile
touch "$scratch/stop"
check load-ran wait $load
wait $witness
rose >"$scratch/rose"
spis_of alice "$reqid" >"$scratch/known"
check still-one-reqid eval '[[ $(reqids alice) == "reqid $reqid" && $(reqids bob | wc -l) == 1 ]]'
wire alice stop
spis_seen alice | grep -vxE '0x100[12]' >"$scratch/seen"

{
    tail -n 1 "$scratch/log"
    echo "in $(((to - from) / 1000)) s; SPIs on the wire: $(wc -l <"$scratch/seen")"
    python3 "$py/roundtrips.py" "$from" "$to" "$scratch/latched" "$scratch/by-hand" "$scratch/log"
    echo "segments lost: $(lost); counters that rose at either end: $(tr '\n' ' ' <"$scratch/rose")"
    echo "btnsd's resident memory (KiB), alice and bob, before and after: $rss"
} | tee "$RESULTS.d/report"

check nothing-lost eval 'cat "$scratch/rose"; [[ $(lost) == 0 ]] && ! grep Xfrm "$scratch/rose"'
check no-stalls awk -v most="$stalls" '/^stalls of ours: / { n = $4; found = 1 } END { exit !(found && n <= most) }' "$RESULTS.d/report"
check spis-of-the-pair eval '(($(wc -l <"$scratch/seen") > rekeys / 3)) && ! comm -13 "$scratch/known" "$scratch/seen" | grep .'
check no-clear eval 'no_clear alice 7000 && no_clear alice 8000'
check memory-bounded eval 'read -r a b c d <<<"$rss"; ((c - a < 512 && d - b < 512))'
cleanup_servers "${servers[@]}" "${monitors[@]}"
