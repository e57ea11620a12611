# Blind attacks of the tcpsecure document on a latched connection, at both ends, and the same on one in the clear. storm-6.sh runs
# this over IPv6.
. "$BTNS_REPO/test/lab/lib.sh"

if [[ ${FAMILY-4} == 6 ]]; then alice=fd77::1 bob=fd77::2; else alice=10.77.0.1 bob=10.77.0.2; fi
www=$scratch/www
mkdir -p "$www"
echo "hello from bob" >"$www/index.html"
patient alice bob
up alice bob
serve bob 8000 "$www"; server=$served
BIND=:: serve bob 8001 "$www" --clear; clear_server=$served

# Counters of each host's kernel: dropped by a template of IPsec, challenge ACKs, ICMP errors received (unreachable).
count() {
    local host
    for host in alice bob; do
        on "$host" awk '$1 == "XfrmInTmplMismatch" { print $2 }' /proc/net/xfrm_stat
        on "$host" nstat -asz TcpExtTCPChallengeACK IcmpInErrors IcmpInDestUnreachs Icmp6InDestUnreachs |
            awk '/Challenge/ { c = $2 } /InDestUnreachs/ { n += $2 } END { print c; print n }'
    done
}
# storm PORT RUNNER...: the connection's fate (alive, corrupt, dead), and in $scratch/sent how many segments each end was sent
storm() {
    local port=$1 victim_port rcv snd victim
    shift
    rm -f "$scratch/go" "$scratch/victim"; mkfifo "$scratch/go"
    "$@" python3 "$py/victim.py" "$port" "$bob" <"$scratch/go" >"$scratch/victim" 2>"$RESULTS.d/said-victim" &
    victim=$!
    exec 9>"$scratch/go"
    eventually 10 test -s "$scratch/victim"
    read -r victim_port rcv snd <"$scratch/victim"
    eventually 30 on mallory ping -q -c 1 -W 60 $alice >/dev/null # so that ARP holds up no segment
    eventually 30 on mallory ping -q -c 1 -W 60 $bob >/dev/null
    on mallory python3 "$py/storm.py" $bob $alice "$port" "$victim_port" "$rcv" "$snd" >"$scratch/sent"
    on mallory python3 "$py/storm.py" $alice $bob "$victim_port" "$port" "$snd" "$rcv" >>"$scratch/sent"
    eventually 30 on mallory ping -q -c 1 -W 60 $alice >/dev/null # when both are answered, the segments have been handled
    eventually 30 on mallory ping -q -c 1 -W 60 $bob >/dev/null
    echo go >&9; exec 9>&-
    wait $victim
    sed -n 2p "$scratch/victim"
}
# stormed NAME PORT RUNNER...: leaves its fate in $scratch/NAME.fate, and each counter's growth in $scratch/NAME.grown: alice's three,
# bob's three
stormed() {
    local name=$1
    shift
    count >"$scratch/$name.before"
    storm "$@" >"$scratch/$name.fate"
    count >"$scratch/$name.after"
    cp "$scratch/sent" "$scratch/$name.sent"
    paste "$scratch/$name.before" "$scratch/$name.after" | awk '{ print $2 - $1 }' >"$scratch/$name.grown"
    [[ $(wc -l <"$scratch/$name.grown") == 6 ]]
}
# grown NAME HOST COUNTER: dropped, challenges or icmp
grown() {
    local line=1
    [[ $2 != bob ]] || line=4
    case $3 in challenges) ((line += 1)) ;; icmp) ((line += 2)) ;; esac
    sed -n ${line}p "$scratch/$1.grown"
}
# dropped HOST: each segment was dropped before TCP saw it, so TCP never sent a challenge ACK
dropped() { (($(grown latched "$1" dropped) >= 65536 + 128)) && [[ $(grown latched "$1" challenges) == 0 ]]; }
# row NAME: for a person
row() {
    local host
    for host in alice bob; do
        printf '%-8s at %-5s: %s segments and 5 ICMP errors; %s dropped by IPsec, %s challenge ACKs, %s ICMP errors of kind unreachable received; the connection is %s\n' \
            "$1" $host "$(sort -n "$scratch/$1.sent" | head -1)" "$(grown "$1" $host dropped)" "$(grown "$1" $host challenges)" \
            "$(grown "$1" $host icmp)" "$(cut -d' ' -f1 "$scratch/$1.fate")"
    done
}

check latched-lives eval 'stormed latched 8000 on alice btns-run; [[ $(<"$scratch/latched.fate") == alive ]]'
check latched-drops-alice dropped alice
check latched-drops-bob dropped bob
check clear-does-not-live eval 'stormed clear 8001 on alice; cat "$scratch/victim"; [[ $(<"$scratch/clear.fate") != alive ]]'
check clear-was-provoked eval '(($(grown clear alice challenges) + $(grown clear bob challenges) > 0)) && (($(grown clear alice dropped) == 0))'
check counters eval 'row latched; row clear'
down alice bob
cleanup_servers "$server" "$clear_server"
