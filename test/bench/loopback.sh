#!/bin/bash
# The shim's share, natively: loopback in a network namespace of its own, a quiet stand-in for btnsd.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=test/bench/common.bash
. "$here/common.bash"
# shellcheck source=test/mock/mock.bash
. "$here/../mock/mock.bash"

net=$BENCH_BUILD/net shim=$BTNS_BUILD/libbtns-shim.so
export BTNS_SOCKET_PATH=$BENCH_WORK/mock.sock
rounds=${BENCH_ROUNDS:-41} # many and short: what disturbs one round must not decide
cpu=$(taskset -cp $$ | sed 's/.*[:,-] *//') # client and server share one; the stand-in has the rest

prepare() {
    ip link set lo up
    sysctl -qw net.ipv4.tcp_max_tw_buckets=0
    start_mock_at "$BTNS_SOCKET_PATH" /dev/null verdict=protected
    taskset -c "$cpu" "$net" serve echo:7000 udp:7000 >"$BENCH_WORK/loopback.out" &
    server=$!
    trap 'end_mock_at "$BTNS_SOCKET_PATH"; kill "$server" 2>/dev/null; wait' EXIT
    until_line "$BENCH_WORK/loopback.out" ready
}

client() { taskset -c "$cpu" "$net" "$1" 127.0.0.1 7000 "$2"; }
shimmed() { taskset -c "$cpu" env LD_PRELOAD="$shim" "$net" "$1" 127.0.0.1 7000 "$2"; }

# both ROW SIDE LINE: wall time, and the client's CPU time, in microseconds
both() {
    read -r wall cpu_time <<<"$3"
    sample "$1" "$2" "$wall"
    sample "$1-cpu" "$2" "$cpu_time"
}

connect_a() { both connect-loopback A "$(shimmed connect 1000)"; }
connect_b() { both connect-loopback B "$(client connect 1000)"; }
data_a() { both "data-$kind" A "$(shimmed "$kind" 3000)"; }
data_b() { both "data-$kind" B "$(client "$kind" 3000)"; }

# instructions N MODE [LD_PRELOAD=...]: executed in user mode by the client; the same each time
instructions() {
    local out=$BENCH_WORK/callgrind.out
    env "${@:3}" valgrind -q --tool=callgrind --callgrind-out-file="$out" \
        "$net" "$2" 127.0.0.1 7000 "$1" >/dev/null
    awk '/^(summary|totals):/ { print $2; exit }' "$out"
}

# What the shim adds to each: what 1,000 more cost with it, less what they cost without.
added() {
    local mode=$1 preload=LD_PRELOAD=$shim few=100 many=1100 a b c d
    a=$(instructions $many "$mode" "$preload")
    b=$(instructions $few "$mode" "$preload")
    c=$(instructions $many "$mode")
    d=$(instructions $few "$mode")
    [[ -n $a && -n $b && -n $c && -n $d ]]
    sample "$2" A $((((a - b) - (c - d)) / 1000))
}

connects() {
    pairs "$rounds" connect_a connect_b
    added connect connect-instructions
}

data() {
    for kind in send msg udp; do
        pairs "$rounds" data_a data_b
        added $kind "data-$kind-instructions"
    done
}

prepare
group connect connects
group data data
