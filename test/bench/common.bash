# Sourced by the parts of the benchmark. A sample is a line "ROW SIDE VALUE" in $SAMPLES (rows.tsv describes the rows).
# Side A is the measured thing, B the one that it is compared with; the n-th A belongs to the n-th B.

sample() { echo "$1 $2 $3" >>"$SAMPLES"; }
progress() { echo "bench: $*" >&2; }

# Is the group asked for? No NAME means all.
wanted() { [[ -z $BENCH_GROUPS || " $BENCH_GROUPS " == *" $1 "* ]]; }

# group NAME FUNCTION: a measurement that fails is reported, and the others go on.
group() {
    wanted "$1" || return 0
    local start=$SECONDS status=0
    progress "$1 ..."
    # Not behind || or &&, where set -e has no effect.
    set +e
    (set -e; "$2")
    status=$?
    set -e
    ((status == 0)) || { sample "$1" failed "$status"; progress "$1 FAILED (status $status)"; }
    progress "$1 took $((SECONDS - start)) s"
}

# field N COMMAND...: runs it and prints the N-th number of what it printed.
field() {
    local n=$1 line
    shift
    line=$("$@")
    awk -v n="$n" 'NR == 1 { print $n }' <<<"$line"
}

# pairs ROUNDS A B: calls A and B alternately, each of them first in turn, so that other load on the machine affects
# both.
pairs() {
    local rounds=$1 a=$2 b=$3 i
    for ((i = 0; i < rounds; i++)); do
        if ((i % 2)); then "$b"; "$a"; else "$a"; "$b"; fi
    done
}

# until_line FILE WORD: waits until a program has said that it is ready
until_line() {
    local i
    for ((i = 0; i < 1000; i++)); do
        ! grep -qx "$2" "$1" 2>/dev/null || return 0
        sleep 0.05
    done
    progress "no '$2' in $1: $(cat "$1")"
    return 1
}
