# Two hosts that use each other's service, and stop at the same moments, many times; and a program that ends while its peer is
# still asked. Then nothing is left at either end.
. "$BTNS_REPO/test/lab/lib.sh"

export BTNSD_OPTS="--linger 1"
patient alice bob
datagram_rules alice bob </dev/null
up alice bob
servers=
for host in alice bob; do
    on $host python3 "$py/datagrams.py" answer 5301 >/dev/null 2>&1 & servers+=" $!"
done
nothing_left_anywhere() { nothing_left alice && nothing_left bob; }

# Most pauses are as long as a guard outlasts its last datagram, a little shorter or longer: the next question comes while the
# last one's SAs are being deleted.
start=$(($(date +%s) + 5))
pauses=(5 1.2 1.4 1.6 1.8 2 2.2 2.4 2.6 2.8 3 3.2 3.4 1.2 1.4 1.6 1.8 2 2.2 2.4 2.6 2.8 3 3.2 3.4 1.5 1.7 1.9 2.1 2.3)
in_step() { on "$1" btns-run python3 "$py/ask_in_step.py" "$2" 5301 "$start" "${pauses[@]}" >"$scratch/$1" 2>&1; }
in_step bob 10.77.0.1 & bob=$!
check alice-answered eval 'in_step alice 10.77.0.2; cat "$scratch/alice"; says "all answered" "$scratch/alice"'
wait $bob || true
check bob-answered eval 'cat "$scratch/bob"; says "all answered" "$scratch/bob"'
check nothing-after-rounds within 40 nothing_left_anywhere

# charon asks bob on, after alice's program has ended: the SA comes up, and nothing needs it.
deaf alice
on alice btns-run python3 "$py/datagrams.py" ask 10.77.0.2 5301 & asker=$!
eventually 20 not unlatched alice 5301
kill -KILL $asker
wait $asker || true
check guard-ended eventually 10 unlatched alice 5301
hears alice
check unneeded-sa-is-ended eventually 20 says 'udp/5301, which nothing needs any more, is ended' "$BTNS_LAB/alice.log"
check nothing-after-late-sa within 40 nothing_left_anywhere
cleanup_servers $servers
