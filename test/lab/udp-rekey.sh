# Rekeys while datagrams go to and fro: UDP repeats nothing, so one that is lost is missed.
. "$BTNS_REPO/test/lab/lib.sh"

patient alice bob
datagram_rules alice bob </dev/null
up alice bob
on bob btns-run python3 "$py/datagrams.py" answer 5301 >/dev/null 2>&1 & server=$!
eventually 30 eval 'on bob ip -o xfrm policy | grep -q "sport 5301 .*action block"'
on alice btns-run python3 "$py/datagrams.py" until 10.77.0.2 5301 "$scratch/stop" >"$scratch/until" 2>&1 & client=$!
check begun eventually 30 says begun "$scratch/until"
check rekeyed python3 "$py/rekeys.py" "${REKEYS:-12}" "$scratch/log" "$(vici_of alice)" "$(vici_of bob)"
touch "$scratch/stop"
wait $client || true
check none-lost says '[0-9]{3,} answered' "$scratch/until"
cat "$scratch/until" "$scratch/log" >"$RESULTS.d/rekeys"
check one-latch eval '[[ $(latch bob ESTABLISHED "/udp" | wc -l) -le 1 ]]'
cleanup_servers $server
