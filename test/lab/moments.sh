# Crashes and moves, measured: how long until a new connection works again, natively and protected; what leaves in the clear
# meanwhile (nothing may), and what is left of it. ROWS: which (`make soak`: all). FLAPS: how often the link flaps; REKEYS,
# OCTETS: under loss; LATCHES: over which btnsd is restarted.
. "$BTNS_REPO/test/lab/lib.sh"

rows=${ROWS:-cut-idle cut-open restart}
clear_port=8001 port=8000 bob_ip=10.77.0.2
table=$RESULTS.d/report
: >"$table"

forget_ended alice bob
export BTNSD_OPTS="--linger 1"
patient alice bob
up alice bob

servers=()
start_servers() {
    on bob btns-run python3 "$py/moments.py" serve $port >"$RESULTS.d/server" 2>&1 & servers=($!)
    on bob python3 "$py/moments.py" serve $clear_port >/dev/null 2>&1 & servers+=($!)
    eventually 10 port_open bob $port && eventually 10 port_open bob $clear_port
}
start_servers

# both WHAT LAST: `moments.py WHAT` for either server at the same time; $native and $protected are what they print
both() {
    on alice python3 "$py/moments.py" "$1" "$bob_ip" $clear_port "$2" >"$scratch/native" 2>&1 & local n=$!
    on alice btns-run python3 "$py/moments.py" "$1" "$bob_ip" $port "$2" >"$scratch/protected" 2>"$scratch/protected.err" || true
    wait $n || true
    native=$(tail -n 1 "$scratch/native") protected=$(tail -n 1 "$scratch/protected")
}
# begin_live, end_live: a connection to either server that goes on meanwhile
begin_live() {
    rm -f "$scratch/end"
    on alice python3 "$py/moments.py" live "$bob_ip" $clear_port "$scratch/end" >"$scratch/live-native" 2>&1 & lives=($!)
    on alice btns-run python3 "$py/moments.py" live "$bob_ip" $port "$scratch/end" >"$scratch/live" 2>&1 & lives+=($!)
    eventually 20 says up "$scratch/live-native" && eventually 20 says up "$scratch/live"
}
end_live() {
    touch "$scratch/end"
    wait "${lives[@]}" 2>/dev/null || true
    lived_native=$(tail -n 1 "$scratch/live-native") lived=$(tail -n 1 "$scratch/live")
}

# ---- the table: a row, what the two took, packets in the clear, entries and SAs that were left ----
left_at() { { nothing_left "$1" || true; } | wc -l; }
# row NAME COMMAND...: the command measures; afterwards nothing may be left, and nothing may have been in the clear
row() {
    local name=$1 clear left
    shift
    native='-' protected='-'
    eventually 75 nothing_left alice >/dev/null && eventually 75 nothing_left bob >/dev/null
    wire alice start
    "$@"
    check "$name-nothing-left" eval 'eventually 75 nothing_left alice && eventually 75 nothing_left bob'
    left=$(($(left_at alice) + $(left_at bob)))
    wire alice stop
    clear=$(clear_tcp alice $port)
    check "$name-nothing-clear" no_clear alice $port
    printf '%s|%s|%s|%s|%s\n' "$name" "$native" "$protected" "$clear" "$left" >>"$table.rows"
}
is_number() { [[ $1 =~ ^[0-9.]+$ ]]; }
works() { echo "native: $native; protected: $protected"; cat "$scratch/protected.err"; is_number "$protected"; }

# ---- power cuts of bob ----
# Everything of bob's dies at once, with what its kernel has of SAs, policies and connections.
cut() {
    local charon
    charon=$(pid_of bob charon_pid)
    on bob ip link set eth0 down
    kill -9 "${servers[@]}"
    wait "${servers[@]}" 2>/dev/null || true
    kill_btnsd bob
    kill -9 "$charon" 2>/dev/null || true
    on bob sh -c 'ip xfrm state flush; ip xfrm policy flush; rm -rf /run/btns'
}
back() {
    on bob ip link set eth0 up
    on bob ip addr add fd77::2/64 dev eth0 nodad 2>/dev/null || true
    up bob
    start_servers
}
given_up() { on alice grep -c 'giving up after' /run/btns/ike/charon.log; }
# before_dpd NAME: charon has not noticed by itself, by a peer that says nothing for long
before_dpd() { check "$1-before-charon-gave-up" eval "echo '$given_before, now $(given_up)'; [[ $given_before == $(given_up) ]]"; }
cut_and_back() { given_before=$(given_up); cut; back; both new 60; }
cut_idle() {
    both new 60
    cut_and_back
    check cut-idle-works works
    before_dpd cut-idle
}
cut_open() {
    begin_live
    cut_and_back
    check cut-open-works works
    before_dpd cut-open
    end_live
    check cut-open-old-connection-ends eval 'echo "native: $lived_native; protected: $lived"; not is_number "$lived"'
}
# The host key is gone, so it is another peer: refused, until a person forgets the old one.
cut_key_lost() {
    both new 60
    cut
    on bob sh -c 'rm -f /var/lib/btns/*'
    back
    both new 60
    check cut-key-lost-refused eval 'not works'
    protected_refused=$protected
    check cut-key-lost-forget on alice btnsctl forget "$bob_ip"
    both new 60
    check cut-key-lost-works works
    protected="$protected_refused; forgotten: $protected"
}

# ---- btnsd is restarted ----
restart_with() { # restart_with HOST
    begin_live
    kill_btnsd "$1"
    up "$1"
    both new 60
    check "restart-$1-works" works
    end_live
    check "restart-$1-goes-on" eval 'echo "native: $lived_native; protected: $lived"; is_number "$lived"'
}
restart() { restart_with alice; local first=$protected; restart_with bob; protected="$first; the server's: $protected"; }

all_rows="$rows"
for row in $all_rows; do row "$row" "${row//-/_}"; done

{ echo 'row|native (s)|protected (s)|in the clear|left'; cat "$table.rows"; } | column -t -s '|' | tee "$table"
cleanup_servers "${servers[@]}"
