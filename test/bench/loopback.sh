#!/bin/bash
# The shim's own cost, natively: over loopback in a network namespace of its own, with a stand-in for btnsd.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=test/bench/common.bash
. "$here/common.bash"
# shellcheck source=test/mock/mock.bash
. "$here/../mock/mock.bash"

net=$BENCH_BUILD/net shim=$BTNS_BUILD/libbtns-shim.so run=$BTNS_BUILD/btns-run
export BTNS_SOCKET_PATH=$BENCH_WORK/mock.sock
rounds=${BENCH_ROUNDS:-41} # many and short, so that a disturbed round does not decide
cpu=$(taskset -cp $$ | sed 's/.*[:,-] *//') # client and server share one; the stand-in has the rest

prepare() {
    ip link set lo up
    ip addr add 192.0.2.1/32 dev lo
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

# accept()+close() of a connection, by the program itself; the clients' part is not counted. Local: of a local socket.
accept_a() { both accept-loopback A "$(shimmed accept 1920)"; }
accept_b() { both accept-loopback B "$(client accept 1920)"; }
connect_cookie_a() { both connect-cookie A "$(client connect-cookie 1000)"; }
connect_cookie_b() { both connect-cookie B "$(client connect 1000)"; }
accept_local_a() { both accept-local A "$(shimmed accept-local 1920)"; }
accept_local_b() { both accept-local B "$(client accept-local 1920)"; }
local_a() { both local-files A "$(shimmed local 1000)"; }
local_b() { both local-files B "$(client local 1000)"; }

# calls ROW MODE: system calls that the shim adds to each
calls() {
    command -v strace >/dev/null || { progress "strace is not installed: $1 is not counted"; return 0; }
    local mode=$2 few=64 many=1088 a b c d
    a=$(system_calls $many "$mode" -E LD_PRELOAD="$shim")
    b=$(system_calls $few "$mode" -E LD_PRELOAD="$shim")
    c=$(system_calls $many "$mode")
    d=$(system_calls $few "$mode")
    sample "$1" A "$(awk -v n=$((many - few)) -v more=$(((a - b) - (c - d))) 'BEGIN { printf "%.2f", more / n }')"
}

# system_calls N MODE [STRACE_OPTION...]
system_calls() {
    strace -c -o "$BENCH_WORK/calls" "${@:3}" "$net" "$2" 127.0.0.1 7000 "$1" >/dev/null
    awk '/total$/ { print $(NF - 1) ~ /^[0-9]+$/ && NF == 5 ? $(NF - 1) : $4 }' "$BENCH_WORK/calls"
}

# ---- other preloaded libraries, with the same work

# library PATTERN: prints its path, if it is installed
library() { compgen -G "/usr/lib/*/$1" | head -n 1 || true; }

other_a() { both "$other_row-$other" A "$(taskset -c "$cpu" env "${other_env[@]}" "$net" "$other_kind" 127.0.0.1 "$other_port" "$other_count")"; }
other_b() { both "$other_row-$other" B "$(client "$other_kind" "$other_count")"; }

# compare NAME PORT LIBRARY ENVIRONMENT...: libraries with a list of exceptions leave 127.0.0.1 alone
compare() {
    other=$1 other_port=$2
    other_env=("LD_PRELOAD=$3" "${@:4}")
    if [[ -n $3 ]]; then
        pairs "$rounds" other_a other_b
    else
        progress "$1 is not installed"
    fi
}

# others ROW KIND COUNT
others() {
    local wrapper
    other_row=$1 other_kind=$2 other_count=$3
    wrapper=$(library libsocket_wrapper.so)
    echo AllowOutboundLocalhost 2 >"$BENCH_WORK/torsocks.conf"
    printf '%s\n' strict_chain quiet_mode 'localnet 127.0.0.0/255.0.0.0' '[ProxyList]' 'socks4 127.0.0.1 9050' >"$BENCH_WORK/proxychains.conf"
    compare torsocks 7000 "$(library torsocks/libtorsocks.so)" "TORSOCKS_CONF_FILE=$BENCH_WORK/torsocks.conf"
    compare proxychains 7000 "$(library libproxychains.so.4)" "PROXYCHAINS_CONF_FILE=$BENCH_WORK/proxychains.conf"
    if [[ -n $wrapper ]]; then # it replaces these by local sockets, at both ends
        mkdir -p "$BENCH_WORK/wrapper"
        LD_PRELOAD=$wrapper SOCKET_WRAPPER_DIR=$BENCH_WORK/wrapper SOCKET_WRAPPER_DEFAULT_IFACE=1 \
            taskset -c "$cpu" "$net" serve echo:7001 udp:7001 >"$BENCH_WORK/wrapped.out" &
        wrapped=$!
        until_line "$BENCH_WORK/wrapped.out" ready
    fi
    compare socket-wrapper 7001 "$wrapper" "SOCKET_WRAPPER_DIR=$BENCH_WORK/wrapper" SOCKET_WRAPPER_DEFAULT_IFACE=1
    [[ -z ${wrapped-} ]] || { kill "$wrapped"; wait "$wrapped" || true; }
}

connect_a() { both connect-loopback A "$(shimmed connect 1000)"; }
connect_b() { both connect-loopback B "$(client connect 1000)"; }
data_a() { both "data-$kind" A "$(shimmed "$kind" 3000)"; }
data_b() { both "data-$kind" B "$(client "$kind" 3000)"; }

# The same under --require: the supervisor's filter lets the shim's calls pass. Its cost is far below the noise of a
# busy machine, but is in each run: so the least of several alternating runs is compared, each the least of its batches.
# For comparison: a filter that looks at nothing, and one that looks at one argument of each call whose arguments the
# supervisor's filter looks at.
in_batches() { field 2 taskset -c "$cpu" "$@" connect-least 127.0.0.1 7000 2000; }
filtered() {
    local i row
    for ((i = 0; i < 10; i++)); do
        in_batches env LD_PRELOAD="$shim" "$net" >>"$BENCH_WORK/least-none"
        in_batches "$run" --require "$net" >>"$BENCH_WORK/least-connect-filtered"
        in_batches "$net" filter nothing env LD_PRELOAD="$shim" "$net" >>"$BENCH_WORK/least-connect-filter-empty"
        in_batches "$net" filter three env LD_PRELOAD="$shim" "$net" >>"$BENCH_WORK/least-connect-filter-least"
    done
    for row in connect-filtered connect-filter-empty connect-filter-least; do
        sample "$row" A "$(sort -g "$BENCH_WORK/least-$row" | head -n 1)"
        sample "$row" B "$(sort -g "$BENCH_WORK/least-none" | head -n 1)"
        rm "$BENCH_WORK/least-$row"
    done
    rm "$BENCH_WORK/least-none"
}
# A static program, each of whose connections btns-run asks about.
static_a() { sample connect-static A "$(field 1 taskset -c "$cpu" "$run" "$net-static" connect 127.0.0.1 7000 200)"; }
# Each of its datagrams to an address is a question, too, unless that is a loopback one.
datagram_a() { sample datagram-static A "$(field 1 taskset -c "$cpu" "$run" "$net-static" udp 192.0.2.1 7000 200)"; }
datagram_b() { sample datagram-static B "$(field 1 taskset -c "$cpu" "$net-static" udp 192.0.2.1 7000 200)"; }
static_b() { sample connect-static B "$(field 1 taskset -c "$cpu" "$net-static" connect 127.0.0.1 7000 200)"; }

supervised() {
    local i
    for ((i = 0; i < 5; i++)); do filtered; done
    pairs 11 static_a static_b
    pairs 11 datagram_a datagram_b
}

# instructions N MODE [LD_PRELOAD=...]: executed in user mode by the client; the same each time
instructions() {
    local out=$BENCH_WORK/callgrind.out
    env "${@:3}" valgrind -q --tool=callgrind --callgrind-out-file="$out" \
        "$net" "$2" 127.0.0.1 7000 "$1" >/dev/null
    awk '/^(summary|totals):/ { print $2; exit }' "$out"
}

# The shim's cost of each: the cost of 1,000 more with the shim, less their cost without.
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
    calls connect-calls connect
    pairs "$rounds" connect_cookie_a connect_cookie_b
    pairs "$rounds" local_a local_b
    calls local-calls local
    others connect connect 1000
}

accepts() {
    pairs "$rounds" accept_a accept_b
    calls accept-calls accept
    pairs "$rounds" accept_local_a accept_local_b
}

data() {
    for kind in send msg udp; do
        pairs "$rounds" data_a data_b
        added $kind "data-$kind-instructions"
    done
    calls data-udp-calls udp
    others data-udp udp 3000
}

prepare
group connect connects
group accept accepts
group supervise supervised
group data data
