# Rekeys while datagrams are sent both ways: UDP does not retransmit, so a lost datagram is noticed.
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
cleanup_servers $server

# Many datagrams in one direction: the kernel's counters, and each of the datagrams.
on bob btns-run "$BTNS_BUILD/programs/datagram-stream" receive 5301 >"$scratch/received" 2>&1 & server=$!
eventually 30 says bound "$scratch/received"
rm "$scratch/stop"
on alice btns-run "$BTNS_BUILD/programs/datagram-stream" send 10.77.0.2 5301 "${RATE:-1000}" "$scratch/stop" >"$scratch/stream" 2>&1 & client=$!
eventually 30 says begun "$scratch/stream"
dropped="$(dropped_at alice) $(dropped_at bob)"
check rekeyed-in-stream python3 "$py/rekeys.py" "${REKEYS:-6}" "$scratch/log-stream" "$(vici_of alice)" "$(vici_of bob)"
touch "$scratch/stop"
wait $client || true
check stream-came eval 'eventually 30 says "^all [0-9]{3,} came" "$scratch/received" || { tail -n 3 "$scratch/received"; false; }'
check none-dropped eval '[[ "$(dropped_at alice) $(dropped_at bob)" == "$dropped" ]] || { cat /proc/"$(<"$BTNS_LAB/hosts/bob.pid")"/net/xfrm_stat; false; }'
cat "$scratch/until" "$scratch/log" "$scratch/stream" "$scratch/received" "$scratch/log-stream" >"$RESULTS.d/rekeys"
check one-latch eval '[[ $(latch bob ESTABLISHED "/udp" | wc -l) -le 1 ]]'
cleanup_servers $server
