# What a request costs btnsd, natively. Run by btns-lab with the engine netns; BTNS_BUILD holds a btnsd that
# believes in an ESP this kernel may not have (pretend.c).
set -euo pipefail
. "$BTNS_REPO/test/bench/common.bash"

ask() { on alice "$BENCH_BUILD/requests" /run/btns/btnsd.sock 10.77.0.2 7000 "$@"; }

cost() { # ROW MODE COUNT: requests a second that one core could serve, by the CPU time btnsd used
    sample "$1" A "$(ask "$2" "$3" | awk '{ printf "%.0f", 1e9 / $1 }')"
}

requests() {
    local round
    up alice
    ask connect 10 >/dev/null # the guard is made
    for ((round = 0; round < ${BENCH_ROUNDS:-9}; round++)); do
        cost requests-accepted accepted 10000
        cost requests-connecting connecting 5000
        cost requests-connect connect 2500
        cost requests-one-shot one-shot 2500
    done
    for ((round = 0; round < 3; round++)); do
        down alice; up alice
        sample requests-memory A "$(ask memory 10000)"
    done
}

group requests requests
