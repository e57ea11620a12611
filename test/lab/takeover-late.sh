# Mallory takes an address when a connection is established, half closed, or in TIME_WAIT.
. "$BTNS_REPO/test/lab/takeover.sh"

# ---- established ----
for host in alice bob; do
    connect
    attack "established-$host" $host
    step greet; step half; finish
    watch_ends
    check "established-$host" unharmed "established-$host"
    check "established-$host-goes-on" whole
done

# ---- half closed: alice has sent everything, bob has not ----
for host in alice bob; do
    touch "$got/half"
    connect; step greet; step half
    attack "half-closed-$host" $host
    rm -f "$got/half"
    finish
    watch_ends
    check "half-closed-$host" unharmed "half-closed-$host"
    check "half-closed-$host-goes-on" whole
done

# ---- TIME_WAIT: of alice, and of bob, who closes first ----
for host in alice bob; do
    [[ $host == alice ]] || touch "$got/first"
    connect
    if [[ $host == alice ]]; then step greet; step half; fi
    step rest; step close
    eventually 10 time_wait $host 8000 >/dev/null
    attack "time-wait-$host" $host
    watch_ends
    check "time-wait-$host" eval 'time_wait '$host' 8000 && unharmed "time-wait-'$host'"'
    client_ends
    rm -f "$got/first"
done
check mallory-was-sent-nothing not says . "$scratch/mallory.log"
cleanup_servers $server $evil
