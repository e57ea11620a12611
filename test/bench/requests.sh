# The cost of a request to btnsd, natively. Run by btns-lab with the engine netns; BTNS_BUILD holds a btnsd that
# believes in an ESP this kernel may not have (pretend.c).
set -euo pipefail
. "$BTNS_REPO/test/bench/common.bash"

ask() { on alice "$BENCH_BUILD/requests" /run/btns/btnsd.sock 10.77.0.2 7000 "$@"; }

cost() { # ROW MODE COUNT: requests a second that one core could serve, by the CPU time btnsd used
    local ns
    ns=$(ask "$2" "$3" | awk '{ print $1 }')
    sample "$1" A "$(awk -v ns="$ns" 'BEGIN { printf "%.0f", 1e9 / ns }')"
    [[ $2 != connect ]] || sample "$1-us" A "$(awk -v ns="$ns" 'BEGIN { printf "%.2f", ns / 1000 }')"
}

# The kernel's part of requests-connect-us, one step after another.
parts() {
    local part us
    while read -r part us; do sample "requests-part-$part" A "$us"; done < <(on alice "$BENCH_BUILD/parts" 10.77.0.2 7000)
}

requests() {
    local round
    up alice
    ask connect 10 >/dev/null # the guard is made
    for ((round = 0; round < ${BENCH_ROUNDS:-9}; round++)); do
        cost requests-accepted accepted 10000
        cost requests-connecting connecting 5000
        cost requests-accepted-ring accepted-ring 10000
        cost requests-connecting-ring connecting-ring 5000
        cost requests-connect connect 2500
        cost requests-one-shot one-shot 2500
        parts
    done
    for ((round = 0; round < 3; round++)); do
        down alice; up alice
        sample requests-memory A "$(ask memory 10000)"
    done
}

# as_user UID: asks as that user
as_user() { setpriv --reuid "$1" --regid "$1" --clear-groups "$BENCH_BUILD/requests" /run/btns/btnsd.sock 10.77.0.2 7000 "${@:2}"; }

# The time of another user's known-peer connect, and of root's btnsctl status, before and while one user floods from 16
# processes: by the clock, as the callers see it.
flood() {
    local round kind flooders i
    up alice
    export -f as_user
    on alice bash -c 'as_user 65533 connect 10' >/dev/null # the guard is made
    for ((round = 0; round < ${BENCH_ROUNDS:-9}; round++)); do
        flood_sample B
        flooders=()
        for ((i = 0; i < 16; i++)); do
            on alice bash -c 'exec setpriv --reuid 65534 --regid 65534 --clear-groups \
                "$BENCH_BUILD/requests" /run/btns/btnsd.sock 10.77.0.2 7000 flood 0' & flooders+=($!)
        done
        until on alice pgrep -cu 65534 -f "requests.*flood" | grep -qx 16; do sleep 0.05; done
        flood_sample A
        on alice pkill -u 65534 -f "requests.*flood"
        wait "${flooders[@]}" 2>/dev/null || true
    done
}

flood_sample() { # A|B
    sample flood-connect "$1" "$(on alice bash -c 'as_user 65533 latency 60')"
    sample flood-status "$1" "$(on alice "$BENCH_BUILD/requests" /run/btns/btnsd.sock 10.77.0.2 7000 status 20)"
}

# Questions of libbtns about a connection in the clear: the library's part, the way to btnsd and back, and btnsd's part.
library() {
    local round what us listener
    up alice
    on bob python3 -c 'import socket, time
s = socket.create_server(("0.0.0.0", 7700)); print("ready", flush=True); time.sleep(3600)' >"$BENCH_WORK/library" & listener=$!
    until grep -q ready "$BENCH_WORK/library"; do sleep 0.05; done
    for ((round = 0; round < ${BENCH_ROUNDS:-9}; round++)); do
        for what in channel who check; do
            us=$(on alice "$BENCH_BUILD/library" 10.77.0.2 7700 2000 $what)
            sample library-$what A "$us"
            sample library-$what-rate A "$(awk -v us="$us" 'BEGIN { printf "%.0f", 1e6 / us }')"
        done
    done
    kill $listener
    wait $listener 2>/dev/null || true
}

group requests requests
group library library
group flood flood
