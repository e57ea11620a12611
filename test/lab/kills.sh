# Each process is killed at random moments of a transfer. KILLS: how many of each (`make soak`: 20). SEED repeats.
# PROCESSES: some of them.
. "$BTNS_REPO/test/lab/lib.sh"

kills=${KILLS:-2} seed=${SEED:-$RANDOM}
read -ra processes <<<"${PROCESSES:-client server btnsd-alice btnsd-bob charon-alice charon-bob}"

forget_ended alice bob
export BTNSD_OPTS="--linger 1"
patient alice bob
up alice bob
on bob python3 "$py/pingpong.py" serve 10.77.0.2 7001 & others=($!)
eventually 10 port_open bob 7001
on alice python3 "$py/clear_connections.py" 10.77.0.2 7001 "$scratch/stop" >"$scratch/beside" 2>&1 & beside=$!
for host in alice bob; do wire $host start; monitor_sas $host; done
rss_before="$(rss alice) $(rss bob)"
python3 "$py/kills.py" "$seed" "$kills" "${processes[@]}" 2>&1 | tee "$RESULTS.d/report" || true

held() { not grep -A12 "^violated $1" "$RESULTS.d/report"; }
check killed grep -x "killed $((kills * ${#processes[@]}))" "$RESULTS.d/report"
touch "$scratch/stop"
check invariant-4 wait $beside
tail -n 1 "$scratch/beside" | tee -a "$RESULTS.d/report"
rss_after="$(rss alice) $(rss bob)"
echo "btnsd's resident memory (KiB), alice and bob, before and after: $rss_before $rss_after" | tee -a "$RESULTS.d/report"
check memory-bounded eval 'read -r a b c d <<<"$rss_before $rss_after"; ((c - a < 1024 && d - b < 1024))'
for i in 1 2 3; do check "invariant-$i" held $i; done
check all-gone-alice eventually 75 nothing_left alice # orphans of killed charons stay for a minute
check all-gone-bob eventually 75 nothing_left bob
for host in alice bob; do wire $host stop; done

# Invariant 2 from the captures: what crossed the links was of SAs whose reqid stands for the other's key.
reqids_of() { on "$1" cat /run/btns/reqids | awk -v key="$(key_of "$2")" '$2 == key { print $1 }' | tr '\n' ' '; }
key_of() { on "$1" btnsctl status --json | grep -oE '"key": *"[^"]*"' | cut -d'"' -f4; }
# shellcheck disable=SC2046
{ spis_of alice $(reqids_of alice bob); spis_of bob $(reqids_of bob alice); } | sort -u >"$scratch/known"
for host in alice bob; do spis_seen $host; done | sort -u >"$scratch/seen"
echo "SPIs on the wire: $(wc -l <"$scratch/seen"), of the pair's reqids: $(wc -l <"$scratch/known")" | tee -a "$RESULTS.d/report"
check spis-of-the-pair eval '[[ -s $scratch/seen ]] && ! comm -13 "$scratch/known" "$scratch/seen" | grep .'
check no-clear eval 'no_clear alice 7000 && no_clear bob 7000'
cleanup_servers "${others[@]}" "${monitors[@]}"
