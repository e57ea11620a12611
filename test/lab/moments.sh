# Crashes and moves, measured: how long until a new connection works again, natively and protected; which packets leave
# in the clear meanwhile (none may), and what is left behind. ROWS: which; `make soak` asks for all. FLAPS: how often
# the link flaps; REKEYS and OCTETS: under loss; LATCHES: over which btnsd is restarted; QUICK: connections one after
# the other; PEERS: known ones.
. "$BTNS_REPO/test/lab/lib.sh"

rows=${ROWS:-cut-idle cut-open cut-alone cut-key-lost restart}
[[ $rows != all ]] || rows='cut-idle cut-open cut-alone cut-long cut-key-lost cut-client restart restart-many quick suspend suspend-client charon-killed address flaps clock loss disk-full etc-read-only many-peers'
clear_port=8001 port=8000 bob_ip=10.77.0.2
table=$RESULTS.d/report

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
end_live() { touch "$scratch/end"; await_lives; }
await_lives() {
    wait "${lives[@]}" 2>/dev/null || true
    lived_native=$(tail -n 1 "$scratch/live-native") lived=$(tail -n 1 "$scratch/live")
}

# ---- the table: row, both times, packets in the clear, entries and SAs left behind ----
left_at() { { nothing_left "$1" || true; } | wc -l; }
# measured WHAT: a line of the table
lines=()
measured() { lines+=("$1|$native|$protected"); }
goes_on() { native=$lived_native protected=$lived; measured "$1: the connection that was there, longest gap"; }
# row NAME: the function of that name measures; afterwards nothing may be left, and nothing may have been in the clear
row() {
    local name=$1 clear left line
    lines=()
    eventually 75 nothing_left alice >/dev/null && eventually 75 nothing_left bob >/dev/null
    wire alice start
    "${name//-/_}"
    check "$name-nothing-left" eval 'eventually 75 nothing_left alice && eventually 75 nothing_left bob'
    left=$(($(left_at alice) + $(left_at bob)))
    wire alice stop
    clear=$(clear_tcp alice $port)
    check "$name-nothing-clear" no_clear alice $port
    for line in "${lines[@]}"; do
        echo "$line|$clear|$left" >>"$table.rows"
        clear='' left='' # of the whole row
    done
    # After each row, so that the table has all rows so far, whatever ends the script.
    { echo 'what|native (s)|protected (s)|in the clear|left behind'; cat "$table.rows"; } | column -t -s '|' >"$table"
}
is_number() { [[ $1 =~ ^[0-9.]+$ ]]; }
# works: the last new connection, over IPsec
works() { echo "native: $native; protected: $protected"; cat "$scratch/protected.err"; is_number "$protected"; }

# ---- power cuts ----
# All processes of the host die at once, and its kernel loses its SAs, policies and connections.
cut() { # cut HOST
    local charon
    charon=$(pid_of "$1" charon_pid)
    on "$1" ip link set eth0 down
    [[ $1 != bob ]] || cleanup_killed "${servers[@]}"
    kill_btnsd "$1"
    kill -9 "$charon" 2>/dev/null || true
    on "$1" sh -c 'ip xfrm state flush; ip xfrm policy flush; rm -rf /run/btns'
}
cleanup_killed() { kill -9 "$@"; wait "$@" 2>/dev/null || true; }
link_up() { # an interface that was down has lost its IPv6 addresses
    on "$1" ip link set eth0 up
    case $1 in alice) on alice ip addr add fd77::1/64 dev eth0 nodad ;; bob) on bob ip addr add fd77::2/64 dev eth0 nodad ;; esac 2>/dev/null || true
}
back() {
    link_up "$1"
    up "$1"
    [[ $1 != bob ]] || start_servers
}
given_up() { on alice grep -c 'giving up after' /run/btns/ike/charon.log; }
asked_anew() { grep -c 'a connection has no answer: the peer may have lost its SAs' "$BTNS_LAB/alice.log"; }
# Charon has not noticed by itself, or not before btnsd.
noticed_by_btnsd() { [[ $given_before == "$(given_up)" || $asked_before != "$(asked_anew)" ]]; }
before_dpd() { # before_dpd NAME
    check "$1-before-charon-gave-up" eval 'echo "given up: $given_before, now $(given_up); asked anew: $asked_before, now $(asked_anew)"; noticed_by_btnsd'
}
# away COMMAND...: bob's power is cut, and he is back. On a slow machine that may take longer than alice's charon waits
# for an answer to its own messages, and then charon has noticed already: the power is cut again, after COMMAND.
away() {
    for _ in 1 2 3 4 5; do
        given_before=$(given_up) asked_before=$(asked_anew)
        cut bob
        back bob
        [[ $(given_up) != "$given_before" ]] || return 0
        "$@"
    done
}
# The same holds for the time of the new connection.
cut_and_back() {
    local try
    for try in 1 2 3; do
        away "$@"
        both new 60
        ! noticed_by_btnsd || return 0
        ((try == 3)) || "$@"
    done
}

cut_idle() {
    both new 60
    cut_and_back both new 60
    measured 'power cut of the server, nothing open: a new connection'
    check cut-idle-works works
    before_dpd cut-idle
}
anew_live() { end_live; begin_live; }
cut_open() {
    begin_live
    cut_and_back anew_live
    measured 'power cut of the server, connections open: a new connection'
    check cut-open-works works
    before_dpd cut-open
    check cut-open-says-so says 'a connection has no answer: the peer may have lost its SAs' "$BTNS_LAB/alice.log"
    end_live
    check cut-open-old-connection-ends eval 'echo "native: $lived_native; protected: $lived"; not is_number "$lived"'
}
# No program connects anew: packets that leave while none comes show that the SAs are lost.
win_probes() { on alice nstat -asz TcpExtTCPWinProbe | awk '/WinProbe/ { print $2 }'; }
cut_alone() {
    local probes
    begin_live
    probes=$(win_probes)
    away anew_live
    await_lives
    native=$lived_native protected=$lived
    measured 'power cut of the server, an open connection alone: what it ends with'
    check cut-alone-ends says 'ECONNRESET' "$scratch/live"
    check cut-alone-asked-at-once eval 'echo "$probes, then $(win_probes)"; (($(win_probes) > probes))'
    before_dpd cut-alone
}
# The cut lasts until latches break: the peer is asked again as soon as a program asks for it, not only by btnsd's
# clock.
cut_long() {
    begin_live
    cut bob
    check cut-long-breaks eventually 60 latch alice 'FAILED .BROKEN.'
    back bob
    both new 60
    works >/dev/null || { pause 1; both new 60; } # btnsd had asked it a moment before
    measured 'power cut of the server until latches are broken: a new connection'
    check cut-long-works works
    end_live
}
# The host key is gone, so it is another peer: refused until a person forgets the old one. Programs with open
# connections are told.
cut_key_lost() {
    begin_live
    cut bob
    on bob sh -c 'rm -f /var/lib/btns/*'
    back bob
    await_lives
    check cut-key-lost-old-connection-ends says ECONNRESET "$scratch/live"
    check cut-key-lost-says-so says 'latch-closed: python.* 10.77.0.2:8000 .identity-conflict.: the latch is to' "$BTNS_LAB/alice.log"
    both new 5
    measured 'power cut of the server, its key is lost: a new connection'
    check cut-key-lost-refused not works
    check cut-key-lost-program-says-so says 'now it claims|now claims' "$scratch/protected.err"
    native=$lived_native protected=$lived
    measured 'the same: what a connection that was open ends with'
    check cut-key-lost-forget on alice btnsctl forget "$bob_ip"
    both new 60
    measured 'the same, after btnsctl forget'
    check cut-key-lost-works works
}
cut_client() {
    both new 60
    cut alice
    back alice
    both new 60
    measured 'power cut of the client: a new connection'
    check cut-client-works works
}

# ---- processes ----
restart_with() { # restart_with HOST
    begin_live
    kill_btnsd "$1"
    up "$1"
    both new 60
    measured "btnsd of $1's is killed and started: a new connection"
    check "restart-$1-works" works
    end_live
    check "restart-$1-goes-on" eval 'echo "native: $lived_native; protected: $lived"; is_number "$lived"'
    goes_on 'the same'
}
restart() { restart_with alice; restart_with bob; }
latches_at() { on "$1" btnsctl status --json | grep -oE '"latches": *[0-9]+' | grep -oE '[0-9]+$'; }
restart_many() {
    local many=${LATCHES:-200} crowd
    on alice btns-run python3 "$py/crowd.py" connect "$bob_ip" $port "$many" "$scratch/crowd" & crowd=$!
    eventually 60 test -e "$scratch/crowd.up"
    eventually 10 eval "((\$(on alice grep -c . /run/btns/latches) >= $many))" # latches of the last second would be lost
    kill_btnsd alice
    up alice
    both new 60
    measured "btnsd of alice's is killed and started under $many latches: a new connection"
    check restart-many-works works
    check restart-many-latched eventually 60 eval "((\$(latches_at alice) >= $many))"
    touch "$scratch/crowd.close"
    wait $crowd
}
kill_charon_of() { # with a connection to a service that has no guard, which needs charon
    local bob_ip=fd77::2
    kill -9 "$(pid_of "$1" charon_pid)"
    both new 60
    measured "charon of $1's is killed: a first connection"
    check "charon-killed-$1-works" works
}
charon_killed() { kill_charon_of alice; eventually 75 nothing_left alice >/dev/null; kill_charon_of bob; }

# ---- many ----
quick() {
    both quick "${QUICK:-5000}"
    measured "${QUICK:-5000} connections, one after the other"
    check quick-works works
}
# Keys without owners, at addresses without hosts: charon has a connection for each. The last row, because they stay.
many_peers() {
    local many=${PEERS:-300} n
    both new 60
    for ((n = 0; n < many; n++)); do
        echo "ed25519:$(head -c 32 /dev/urandom | base64) 10.99.$((n / 200)).$((n % 200 + 1))" \
            "first=2026-11-21T10:00:00Z last=2026-11-21T10:00:00Z trust=pinned name=peer-$n"
    done >"$scratch/peers"
    check many-peers-import on alice btnsctl peers import "$scratch/peers"
    both new 60
    measured "$many more known peers: a new connection"
    check many-peers-works works
}

# ---- links, addresses, clocks ----
# The clock after a sleep: the time of day is ahead, while the monotonic clock has hardly moved.
asleep_for() { ! grep -qi 'user mode' /proc/cpuinfo || date -s "+$1" >/dev/null; } # elsewhere this would set the machine's own clock
set_back() { ! grep -qi 'user mode' /proc/cpuinfo || date -s "-$1" >/dev/null; }
# The server's machine stands still until its peers have given it up, and goes on hours later in its old state.
suspend() {
    local sleepers
    sleepers=("$(pid_of bob pid)" "$(pid_of bob charon_pid)" "${servers[@]}")
    begin_live
    on bob ip link set eth0 down
    kill -STOP "${sleepers[@]}"
    check suspend-breaks eventually 60 latch alice 'FAILED .BROKEN.'
    asleep_for '8 hours'
    kill -CONT "${sleepers[@]}"
    link_up bob
    both new 60
    works >/dev/null || { pause 1; both new 60; }
    measured 'suspend of the server for 8 hours, until latches are broken: a new connection'
    check suspend-works works
    end_live
    goes_on 'the same'
    set_back '8 hours'
}
# The client's machine stands still, as a laptop does: the server has given up its connections, or not, when it wakes.
suspend_client() {
    local sleepers
    begin_live
    sleepers=("$(pid_of alice pid)" "$(pid_of alice charon_pid)" "${lives[@]}")
    on alice ip link set eth0 down
    kill -STOP "${sleepers[@]}"
    asleep_for '8 hours'
    pause "${ASLEEP:-10}"
    kill -CONT "${sleepers[@]}"
    link_up alice
    both new 60
    measured 'suspend of the client for 8 hours: a new connection'
    check suspend-client-works works
    end_live
    check suspend-client-goes-on is_number "$lived"
    goes_on 'the same'
    set_back '8 hours'
}
address() {
    begin_live
    on alice ip addr del 10.77.0.1/24 dev eth0
    on alice ip addr add 10.77.0.11/24 dev eth0
    both new 60
    measured 'the address of the client changes: a new connection'
    check address-works works
    on alice ip addr del 10.77.0.11/24 dev eth0
    on alice ip addr add 10.77.0.1/24 dev eth0
    end_live
    check address-goes-on is_number "$lived"
    goes_on 'the same, and changes back'
}
flaps() {
    local n
    begin_live
    for ((n = 0; n < ${FLAPS:-10}; n++)); do on alice ip link set eth0 down; pause 0.3; link_up alice; pause 0.7; done
    both new 60
    measured 'the link has flapped: a new connection'
    check flaps-works works
    end_live
    check flaps-goes-on is_number "$lived"
    goes_on 'the same'
}
clock() {
    grep -qi 'user mode' /proc/cpuinfo || return 0 # this would set the machine's own clock
    local jump
    begin_live
    for jump in '+7 days' '-14 days' '+7 days'; do
        date -s "$jump" >/dev/null
        both new 60
        measured "the clock jumps ($jump): a new connection"
        check "clock${jump// /-}-works" works
    done
    end_live
    check clock-goes-on is_number "$lived"
    goes_on 'the same'
}
loss() {
    local end
    for end in alice bob; do tc qdisc add dev $end root netem loss 5% delay 25ms 5ms reorder 25%; done
    on alice btnsctl forget "$bob_ip"
    on bob btnsctl forget 10.77.0.1
    both new 120
    measured 'loss of 5 %, 50 ms, reordering: first contact'
    check loss-first-works works
    both fetch "${OCTETS:-1000000}"
    measured "the same: ${OCTETS:-1000000} octets"
    check loss-fetch-works works
    begin_live
    check loss-rekeys python3 "$py/rekeys.py" "${REKEYS:-10}" "$scratch/rekeys" "$(vici_of alice)" "$(vici_of bob)"
    end_live
    check loss-goes-on is_number "$lived"
    goes_on "the same, ${REKEYS:-10} rekeys"
    for end in alice bob; do tc qdisc del dev $end root; done
}

# ---- files ----
disk_full() {
    on alice btnsctl forget "$bob_ip"
    on alice sh -c 'cp -a /var/lib/btns /run/kept && mount -t tmpfs -o size=64k,mode=700 full /var/lib/btns && cp -a /run/kept/. /var/lib/btns &&
        ! cat /dev/zero >/var/lib/btns/full 2>/dev/null'
    both new 60
    measured 'no room for known_peers: first contact'
    check disk-full-works works
    check disk-full-says-so says 'known_peers was not written' "$BTNS_LAB/alice.log"
    on alice sh -c 'umount -l /var/lib/btns; rm -r /run/kept'
}
etc_read_only() {
    on alice sh -c 'mount --bind /etc/btns /etc/btns && mount -o remount,bind,ro /etc/btns'
    check etc-read-only-reload on alice btnsctl reload
    both new 60
    measured '/etc/btns is read-only: a new connection'
    check etc-read-only-works works
    on alice umount /etc/btns
}

for name in $rows; do row "$name"; done

cat "$table"
cleanup_servers "${servers[@]}"
