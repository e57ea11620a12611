# The demo's script, which btns-demo runs in the lab. Every "yes" it prints is the outcome of a command.
set -uo pipefail

work=$(mktemp -d)
chmod 755 "$work"
trap 'rm -rf "$work"' EXIT
bold='' green='' red='' dim='' plain=''
if [[ -n ${BTNS_DEMO_COLOUR-} ]]; then
    bold=$'\e[1m' green=$'\e[32m' red=$'\e[31m' dim=$'\e[2m' plain=$'\e[0m'
fi
steps=0 claims=0 refuted=0

# ---- printing

step() { printf '\n%s%d. %s%s\n\n' "$bold" $((steps += 1)) "$*" "$plain"; }
text() { printf '   %s\n' "$@" | sed 's/ *$//'; }
quote() { fold -s -w 100 | sed 's/^/   | /; s/ *$//'; }
prompt() { printf '   %s%s$%s %s\n' "$dim" "$1" "$plain" "${*:2}"; }

# show HOST COMMAND...: prints the command, runs it, and prints its output, which is also in $said; returns its status.
show() {
    local status=0
    prompt "$@"
    on "$@" >"$work/said" 2>&1 || status=$?
    said=$(<"$work/said")
    quote <"$work/said"
    return "$status"
}

# background HOST LOG COMMAND...: prints the command and starts it; its process id is in $started.
background() {
    prompt "$1" "${@:3} &"
    on "$1" "${@:3}" >"$work/$2" 2>&1 &
    started=$!
}

# claim TEXT COMMAND...: prints whether the claim is true, which it is if COMMAND succeeds.
claim() {
    ((claims += 1))
    if "${@:2}" >/dev/null 2>&1; then
        printf '   %syes%s  %s\n' "$green" "$plain" "$1"
    else
        ((refuted += 1))
        printf '   %sNO%s   %s\n' "$red" "$plain" "$1"
    fi
}

# until_true SECONDS TEXT COMMAND...: prints TEXT and waits for COMMAND to succeed: SECONDS on a fast machine, at least 90
# on any.
until_true() {
    local end=$((SECONDS + ($1 > 90 ? $1 : 90))) second=$SECONDS
    printf '   %s%s' "$dim" "$2 ."
    until "${@:3}" >/dev/null 2>&1 || ((SECONDS >= end)); do
        ((SECONDS == second)) || { printf .; second=$SECONDS; }
        sleep 0.2
    done
    printf '%s\n' "$plain"
}

# ---- observing

milliseconds() { echo $((${EPOCHREALTIME/./} / 1000)); }
not() { ! "$@"; }
equal() { [[ -n $1 && $1 == "$2" ]]; }
listens() { on "$1" ss -Hltn "sport = :$2" | grep -q .; }
empty() { [[ -z $(on "$1" ls -A /var/lib/btns) ]]; }

# field NAME: the value of that field in the JSON object on standard input.
field() { sed -n "s/.*\"$1\": *\"\?\([^\",}]*\).*/\1/p"; }
key() { on "$1" btnsctl status --json | field key; }
# latches HOST: the host's established latches to or from bob's service, one JSON object a line.
latches() { on "$1" btnsctl latches --json | grep '"state": *"established"' | grep '_port": *8000'; }

# Both hosts list a latch of the same connection, found by alice's port, because a connection that is ending may be
# listed, too.
at_both_ends() {
    local port
    port=$(latches alice | field local_port)
    [[ -n $port && $port != *[!0-9]* ]] && latches bob | grep -q "\"remote_port\": *$port\b"
}

# begun: the download has a latch, or it runs without one, and then there is no latch to wait for.
begun() { at_both_ends || unlatched; }
unlatched() {
    [[ -n $(on alice ss -Htn state established "dport = :8000") && $(on alice btnsctl latches | wc -l) -le 1 ]]
}

guards() { on "$1" ip xfrm policy | grep -cE 'priority (100|2000) '; }
unguarded() { [[ $(guards alice) == 0 && $(guards bob) == 0 ]]; }

# packets HOST KIND: how many packets of this kind crossed the host's link, as counted by `wire`.
packets() { wire "$1" report | awk -v kind="$2" '$0 ~ "^" kind " [0-9]+$" { n = $NF } END { print n + 0 }'; }
# readable HOST: can the request be read in the packets that crossed the host's link?
readable() { grep -aq 'GET / HTTP' "$(wire "$1" file)"; }
capture() { local host; for host in "${@:2}"; do wire "$host" "$1"; done; }

show_wire() {
    local host
    for host in "$@"; do
        text "packets on $host's link, by kind:"
        wire "$host" report | quote
    done
}

mallory_takes_bobs_addresses() {
    on bob ip link set eth0 down
    on mallory ip addr add 10.77.0.2/24 dev eth0
    on mallory ip addr add fd77::2/64 dev eth0 nodad
    on alice ip neigh flush all
}
bob_has_them_back() {
    on mallory ip addr del 10.77.0.2/24 dev eth0
    on mallory ip addr del fd77::2/64 dev eth0
    on bob ip link set eth0 up
    on bob ip addr add fd77::2/64 dev eth0 nodad
    on alice ip neigh flush all
} 2>/dev/null

# ---- the demo

mkdir "$work/bob" "$work/mallory"
echo 'Hello from bob.' >"$work/bob/index.html"
echo 'I am bob, believe me.' >"$work/mallory/index.html"
truncate -s 20M "$work/bob/big"
fetch=(curl -4sS -m 20 http://bob:8000/)
web_server=(python3 -m http.server 8000)

two_strangers() {
    step 'Two hosts that know nothing of each other: alice (10.77.0.1) and bob (10.77.0.2)'
    claim 'neither has a key or knows a peer: /var/lib/btns is empty on both' eval 'empty alice && empty bob'
    text '' 'Only so that nobody waits: closed connections are forgotten at once there (tcp_max_tw_buckets=0),' \
        'and btnsd keeps what no connection uses any more for 1 second, not 65.' ''
    for host in alice bob mallory; do on $host sysctl -qw net.ipv4.tcp_max_tw_buckets=0; done
    prompt alice 'btnsd --linger 1 &'
    prompt bob 'btnsd --linger 1 &'
    export BTNSD_OPTS='--linger 1' BTNSD_PATIENCE='--hold 5' # for a slow machine
    up alice bob || exit
    alice=$(key alice) bob=$(key bob)
    text "alice made her key: $alice" "bob made his key:   $bob"
}

a_page() {
    step 'curl fetches a page from a web server; neither knows of IPsec'
    capture start alice bob
    cd "$work/bob" || exit
    background bob server.log btns-run "${web_server[@]}"
    server=$started
    until_true 10 'it starts' listens bob 8000
    local began
    began=$(milliseconds)
    show alice btns-run "${fetch[@]}"
    text "(after $(($(milliseconds) - began)) ms, the first contact of two strangers included)"
    claim "it is bob's page" equal "${said##*$'\n'}" "$(<"$work/bob/index.html")"
    claim "the first contact is said, with bob's key" eval '[[ $said == *"first contact with bob (10.77.0.2): key $bob, now known"* ]]'
}

on_the_wire() {
    step 'What crossed the wire'
    capture stop alice bob
    show_wire alice bob
    local host
    for host in alice bob; do
        claim "at $host: no clear TCP packet, $(packets "$host" esp) of ESP" \
            eval "((\$(packets $host 'tcp-clear .*') == 0 && \$(packets $host esp) > 0))"
    done
    claim 'the request cannot be read in the captures' eval 'not readable alice && not readable bob'
}

the_latch() {
    step 'The latch, while a connection lives'
    background alice slow.log btns-run curl -4sS --limit-rate 50k -o /dev/null http://bob:8000/big
    local slow=$started at_alice at_bob
    until_true 10 'it begins' begun
    show alice btnsctl latches
    show bob btnsctl latches
    at_alice=$(latches alice | field key | sort -u) at_bob=$(latches bob | field key | sort -u)
    claim "alice's latch names bob's key, as btnsctl status on bob has it" equal "$at_alice" "$bob"
    claim "bob's latch names alice's key, as btnsctl status on alice has it" equal "$at_bob" "$alice"
    kill "$slow"
    wait "$slow" 2>/dev/null
    until_true 15 'the download is cut off; its guards go' unguarded
    claim 'no guard is left at either end' unguarded
}

mallory_comes() {
    step "mallory takes bob's addresses, with a key of his own"
    up mallory || exit
    cd "$work/mallory" || exit
    background mallory mallory.log "${web_server[@]}"
    local impostor=$started status=0
    until_true 10 'it starts' listens mallory 8000
    mallory_takes_bobs_addresses
    text '' 'Without btns-run:'
    show alice "${fetch[@]}"
    claim "curl is taken in: that is mallory's page" equal "$said" "$(<"$work/mallory/index.html")"
    text '' 'With it:'
    : >"$work/mallory.log"
    capture start mallory
    show alice btns-run "${fetch[@]}" || status=$?
    capture stop mallory
    show_wire mallory
    claim "curl fails (exit status $status), and is told why" \
        eval '((status != 0)) && [[ $said == *"10.77.0.2:8000: "*"has changed"* ]]'
    claim "it is mallory's key that was refused" eval '[[ $said == *"$(key mallory)"* ]]'
    claim 'mallory got nothing: no clear TCP packet came, his server was not asked' \
        eval '(($(packets mallory "tcp-clear .*") == 0)) && ! grep -q GET "$work/mallory.log"'
    kill "$impostor"
    bob_has_them_back
    down mallory
}

without() {
    step 'bob is back. The same curl without btns-run'
    local status=0
    : >"$work/server.log"
    capture start alice
    show alice curl -4sS -m 2 http://bob:8000/ || status=$?
    capture stop alice
    show_wire alice
    claim "bob's server is still under btns-run, so it is not reached by clear packets" \
        eval '((status != 0)) && ! grep -q GET "$work/server.log"'
    text '' 'And with a server that is not under btns-run:'
    kill "$server"
    wait "$server" 2>/dev/null
    until_true 10 'the old one ends' not listens bob 8000
    cd "$work/bob" || exit
    background bob clear.log "${web_server[@]}"
    until_true 10 'it starts' listens bob 8000
    capture start alice
    show alice "${fetch[@]}"
    capture stop alice
    show_wire alice
    claim 'the page comes, in the clear' \
        eval 'equal "$said" "$(<"$work/bob/index.html")" && (($(packets alice "tcp-clear 8000") > 0))'
    claim 'and anybody can read the request in the capture' readable alice
    kill "$started"
}

verdict() {
    down alice bob
    printf '\n'
    if ((refuted == 0)); then
        printf '%sAll %d observations are as expected.%s ' "$green" "$claims" "$plain"
    else
        printf '%s%d of %d observations are not as expected.%s ' "$red" "$refuted" "$claims" "$plain"
    fi
    ((refuted == 0))
}

two_strangers
a_page
on_the_wire
the_latch
mallory_comes
without
verdict
