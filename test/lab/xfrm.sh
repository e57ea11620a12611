# The SPD and the SAD as btnsd writes, reads and hears them, where there is ESP: two hosts, SAs by hand.
. "$BTNS_REPO/test/lab/lib.sh"

program=$BTNS_BUILD/unit/xfrm/tool
tcp=$py/xfrm_tcp.py
key=0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223
started=()
trap 'kill "${started[@]}" 2>/dev/null; rm -rf "$scratch"' EXIT

tool() { on "$1" "$program" "${@:2}"; }

# use 4|6: whose addresses the rest is about
use() {
    case $1 in
    4) a=10.77.0.1 b=10.77.0.2 ;;
    6) a=fd77::1 b=fd77::2 ;;
    esac
}

# A command of `ip` that adds an SA: SRC DST SPI REQID
sa_command() {
    printf "ip xfrm state add src %s dst %s proto esp spi %s reqid %s mode transport aead 'rfc4106(gcm(aes))' %s 128\n" \
        "$1" "$2" "$3" "$4" "$key"
}
sa() { eval "on $1 $(sa_command "${@:2}")"; }

# fresh: empties both hosts' SPD and SAD
fresh() { local host; for host in alice bob; do on "$host" ip -batch - <<<$'xfrm policy flush\nxfrm state flush'; done; }

# guards HOST LOCAL REMOTE REQID [SPI]: in and out for the service bob:8000
guard() {
    local local_end=$2 remote_end=$3
    [[ $1 == bob ]] && local_end+=,8000 || remote_end+=,8000
    tool "$1" set in "$local_end" "$remote_end" 100 esp "$4"
    tool "$1" set out "$local_end" "$remote_end" 100 esp "$4" "${5-0}"
}

# The states and policies with which bob answers under reqid 71
bob_ready() {
    sa bob "$a" "$b" 0x1001 71
    sa bob "$b" "$a" 0x2001 71
    guard bob "$b" "$a" 71
    sa alice "$b" "$a" 0x2001 71
}

reached() { grep -c accepted "$scratch/echo" || true; }
# talk [SECONDS]: alice connects to bob. The first packet is sent before any time passes.
talk() { on alice python3 "$tcp" talk "$b" 8000 "${1-60}"; }
field() { sed "s/.*\b$1=\([^ ]*\).*/\1/" <<<"$2"; }

# sometimes COMMAND: succeeds if one of eight tries does, because a busy machine may be too late
sometimes() {
    local n
    for n in {1..8}; do ! "$@" || return 0; done
    return 1
}

# --- A packet without an SA is held, and leaves at once when the entry is replaced
hold_and_release() {
    local line
    fresh
    bob_ready
    guard alice "$a" "$b" 71
    line=$(on alice python3 "$tcp" held "$b" 8000 \
        "$(sa_command "$a" "$b" 0x1001 71); $program set out $a $b,8000 100 esp 71 0x1001")
    echo "$line"
    [[ $line == *connect=EINPROGRESS* && $line == *early=False* && $line == *error=0* ]] &&
        (($(field connect_ms "$line") < 1500 && $(field released_ms "$line") < 700))
}

# The reverse: without the replacement it waits for a timer.
no_release_without_update() {
    local line
    fresh
    bob_ready
    guard alice "$a" "$b" 71
    line=$(on alice python3 "$tcp" held "$b" 8000 "$(sa_command "$a" "$b" 0x1001 71)")
    echo "$line"
    [[ $line == *came=True* ]] && (($(field released_ms "$line") >= 700))
}

# --- Packets in the clear, or under another reqid, do not reach TCP
# unanswered: alice connects, and bob's kernel counts that he drops it, twice; then it has not reached TCP
unanswered() {
    local before=$(reached) mismatches client
    mismatches=$(counted bob XfrmInTmplMismatch)
    on alice python3 "$tcp" talk "$b" 8000 1000 >"$scratch/unanswered" & client=$!
    eventually 10 eval '(($(counted bob XfrmInTmplMismatch) >= mismatches + 2))' || return 1
    kill $client; wait $client 2>/dev/null
    [[ ! -s $scratch/unanswered && $(reached) == "$before" ]]
}

clear_is_dropped() {
    fresh
    tool bob set in "$b,8000" "$a" 100 esp 71
    unanswered || return 1
    tool bob del in "$b,8000" "$a" 100
    [[ $(talk) == ok ]]
}

other_reqid_is_dropped() {
    fresh
    sa bob "$a" "$b" 0x1002 72
    sa bob "$b" "$a" 0x2002 72
    sa alice "$a" "$b" 0x1002 72
    sa alice "$b" "$a" 0x2002 72
    guard alice "$a" "$b" 72
    guard bob "$b" "$a" 71
    unanswered || return 1
    guard bob "$b" "$a" 72
    [[ $(talk) == ok ]]
}

# --- One selector, several priorities: charon's entry, ours, a floor
packets() { on alice ip -s xfrm state get src "$a" dst "$b" proto esp spi "$1" | grep -o '[0-9]*(packets)' | tail -n 1; }

guard_beside_charons() {
    local order
    for order in before after; do
        fresh
        sa alice "$a" "$b" 0x111 1
        sa alice "$a" "$b" 0x222 2
        [[ $order == before ]] && tool alice set out "$a" "$b,8000" 100 esp 1
        on alice ip xfrm policy update src "$a" dst "$b" proto tcp dport 8000 dir out priority 50000 \
            tmpl proto esp reqid 2 mode transport
        [[ $order == after ]] && tool alice set out "$a" "$b,8000" 100 esp 1
        tool alice set out "$a" "$b,8000" 60000 block
        (($(tool alice dump | grep -c '^spd') == 3)) || { tool alice dump; return 1; }
        talk 0.1
        [[ $(packets 0x222) == '0(packets)' && $(packets 0x111) != '0(packets)' ]] || return 1
        tool alice del out "$a" "$b,8000" 100
        talk 0.1
        [[ $(packets 0x222) != '0(packets)' ]] || return 1
    done
}

# --- An entry that names an SPI uses that SA and no other of its reqid
spi_is_pinned() {
    local spi used
    fresh
    sa alice "$a" "$b" 0x1001 71
    sa alice "$a" "$b" 0x1002 71
    for spi in 0x1001 0x1002 0x1001; do
        tool alice set out "$a" "$b,8000" 100 esp 71 "$spi"
        used=$(packets 0x1001)/$(packets 0x1002)
        talk 0.1
        used+=" $(packets 0x1001)/$(packets 0x1002)"
        echo "$spi $used"
        case $spi in
        0x1001) [[ $used =~ ^([^/]*)/([^ ]*)\ ([^/]*)/(.*)$ && ${BASH_REMATCH[1]} != "${BASH_REMATCH[3]}" &&
            ${BASH_REMATCH[2]} == "${BASH_REMATCH[4]}" ]] ;;
        *) [[ $used =~ ^([^/]*)/([^ ]*)\ ([^/]*)/(.*)$ && ${BASH_REMATCH[1]} == "${BASH_REMATCH[3]}" &&
            ${BASH_REMATCH[2]} != "${BASH_REMATCH[4]}" ]] ;;
        esac || return 1
    done
}

# --- A guard turned to block stops a connection without ending it
block_and_lift() {
    local line
    fresh
    bob_ready
    sa alice "$a" "$b" 0x1001 71
    guard alice "$a" "$b" 71 0x1001
    line=$(on alice python3 "$tcp" across "$b" 8000 \
        "$program set out $a $b,8000 100 block; $program set in $a $b,8000 100 block" \
        "$program set in $a $b,8000 100 esp 71; $program set out $a $b,8000 100 esp 71 0x1001")
    echo "$line"
    [[ $line == "before=True meanwhile=False after=True" ]]
}

# --- Larval states: never reported, and deleted on request
larvals() { on alice ip xfrm state list src "$a" dst "$b" | grep -c "proto esp" || true; }

larval_dropped() {
    local monitor status=0
    fresh
    on alice ip xfrm monitor acquire >/dev/null &
    monitor=$!
    # It hears: a netlink socket (of XFRM, 6) that is in a group.
    eventually 10 eval 'on alice awk '"'"'$2 == 6 && $4 !~ /^0+$/ { found = 1 } END { exit !found }'"'"' /proc/net/netlink'
    drop_each || status=$?
    kill "$monitor"
    wait "$monitor" 2>/dev/null
    return "$status"
}

drop_each() {
    local spi
    for spi in 0 0x1234; do
        tool alice set out "$a" "$b,8000" 100 esp 9 "$spi"
        talk 0.1
        (($(larvals) == 1)) || { echo "no larval state came"; return 1; }
        ! tool alice dump | grep -q '^sad' || { echo "the dump shows a larval state"; return 1; }
        tool alice del out "$a" "$b,8000" 100
        tool alice larval "$a" "$b" 8
        (($(larvals) == 1)) || { echo "another reqid's was dropped"; return 1; }
        tool alice larval "$a" "$b" 9 "$spi"
        (($(larvals) == 0)) || { on alice ip xfrm state; return 1; }
        tool alice larval "$a" "$b" 9 "$spi" || return 1
    done
    sa alice "$a" "$b" 0x1234 9
    tool alice larval "$a" "$b" 9 0x1234
    (($(larvals) == 1)) || { echo "an SA was dropped"; return 1; }
}

# --- One SA is deleted, its neighbours stay
sa_deleted() {
    fresh
    sa alice "$a" "$b" 0x1001 71
    sa alice "$b" "$a" 0x1001 71
    sa alice "$a" "$b" 0x1002 71
    tool alice delsa "$a" "$b" 0x1001
    diff <(tool alice dump | awk '{ print $2, $5 }' | sort) <(printf '%s\n' "$a 0x00001002" "$b 0x00001001" | sort) &&
        not tool alice delsa "$a" "$b" 0x1001
}

# --- Trying an algorithm shows whether the kernel has it, and leaves nothing behind
algorithms_probed() {
    fresh
    tool alice probe 'rfc4106(gcm(aes))' 288 && not tool alice probe 'rfc4106(gcm(none))' 288 &&
        not tool alice probe 'rfc4106(gcm(aes))' 296 && [[ -z $(on alice ip xfrm state) ]]
}

# --- Events
make_events() {
    on alice ip xfrm state allocspi src "$b" dst "$a" proto esp reqid 9 mode transport min 0x88 max 0x88
    on alice bash -ec "$(sa_command "$b" "$a" 0x88 9 | sed 's/state add/state update/')"
    sa alice "$a" "$b" 0x89 9
    on alice ip xfrm state delete src "$a" dst "$b" proto esp spi 0x89
    tool alice set out "$a" "$b,8000" 100 esp 9 0x8a
    on alice bash -ec "$(sa_command "$a" "$b" 0x8a 9) limit time-hard 1"
    talk 0.1 # uses the state: its time runs
    eventually 10 grep -q "sa-gone $a $b spi 0x0000008a" "$scratch/events"
    tool alice del out "$a" "$b,8000" 100
    on alice ip xfrm state flush
}

events_told() {
    local watcher
    fresh
    : >"$scratch/events"
    on alice "$program" events 600000 >"$scratch/events" & # started directly, not by a function, so that its pid is the program's
    watcher=$!
    eventually 3 grep -q listening "$scratch/events"
    make_events
    eventually 10 grep -q sa-flush "$scratch/events"
    kill "$watcher"
    wait "$watcher" 2>/dev/null
    # Where the machine is slow, what is sent after the SA's end asks for another one.
    sed -E '/^acquire$/d; s/ (mode|alg|replay).*//' "$scratch/events" >"$scratch/got"
    cat >"$scratch/want" <<EVENTS
listening
sa-new $b $a spi 0x00000088 reqid 9 proto 50
sa-new $a $b spi 0x00000089 reqid 9 proto 50
sa-gone $a $b spi 0x00000089 reqid 9 proto 50
spd-new out $a/$bits,0 $b/$bits,8000 proto 6 priority 100 esp reqid 9 spi 0x0000008a ours
sa-new $a $b spi 0x0000008a reqid 9 proto 50
sa-gone $a $b spi 0x0000008a reqid 9 proto 50
spd-gone out $a/$bits,0 $b/$bits,8000 proto 6 priority 100 esp reqid 9 spi 0x0000008a ours
sa-flush
EVENTS
    diff "$scratch/want" "$scratch/got"
}

# --- Dumps agree with `ip`
add_all_kinds() {
    sa alice "$a" "$b" 0x1 5
    on alice ip xfrm state add src "$a" dst "$b" proto esp spi 0x2 reqid 6 mode transport enc 'cbc(aes)' "0x$(printf '%064d' 1)" \
        auth-trunc 'hmac(sha256)' "0x$(printf '%064d' 2)" 128 replay-window 32 flag esn
    on alice bash -ec "$(sa_command "$a" "$b" 0x3 7) encap espinudp 4500 4500 0.0.0.0"
    on alice bash -ec "$(sa_command "$a" "$b" 0x4 8) replay-window 16 sel src $a dst $b proto tcp sport 40000 dport 8000"
    on alice ip xfrm state add src "$a" dst "$b" proto ah spi 0x5 reqid 9 mode transport \
        auth-trunc 'hmac(sha256)' "0x$(printf '%064d' 3)" 128
}

dump_agrees() {
    fresh
    add_all_kinds
    tool alice dump | grep '^sad' >"$scratch/dump"
    diff <(on alice ip xfrm state | awk '$1 == "src" && $3 == "dst" { s = $2; d = $4 } $1 == "proto" { print s, d, $4, $6 }' | sort) \
        <(awk '{ print $2, $3, $5, $7 }' "$scratch/dump" | sort) || return 1
    diff - <(sed 's/.*\(spi\)/\1/' "$scratch/dump" | sort) <<'STATES'
spi 0x00000001 reqid 5 proto 50 mode 0 sel 0,0,0 alg rfc4106(gcm(aes)) auth - bits 288 replay 0
spi 0x00000002 reqid 6 proto 50 mode 0 sel 0,0,0 alg cbc(aes) auth hmac(sha256) bits 256 replay 32
spi 0x00000003 reqid 7 proto 50 mode 0 sel 0,0,0 alg rfc4106(gcm(aes)) auth - bits 288 replay 0 encap
spi 0x00000004 reqid 8 proto 50 mode 0 sel 6,40000,8000 alg rfc4106(gcm(aes)) auth - bits 288 replay 16
spi 0x00000005 reqid 9 proto 51 mode 0 sel 0,0,0 alg - auth hmac(sha256) bits 0 replay 0
STATES
}

on bob python3 "$tcp" echo 8000 >"$scratch/echo" 2>&1 &
started+=($!)
eventually 10 port_open bob 8000
for host in alice bob; do tool $host hold; done # packets without an SA wait for one
wire alice start

check algorithms-probed algorithms_probed
for family in 4 6; do
    use "$family"
    bits=$((family == 4 ? 32 : 128))
    check "hold-and-release-v$family" sometimes hold_and_release
    check "no-release-without-update-v$family" sometimes no_release_without_update
    check "block-and-lift-v$family" block_and_lift
    check "guards-no-clear-v$family" no_clear alice 8000
    check "larval-dropped-v$family" larval_dropped
    check "sa-deleted-v$family" sa_deleted
    check "events-v$family" events_told
    check "dump-agrees-v$family" dump_agrees
    check "spi-pinned-v$family" spi_is_pinned
    check "guard-beside-charons-v$family" guard_beside_charons
    check "no-clear-still-v$family" no_clear alice 8000
    check "other-reqid-dropped-v$family" other_reqid_is_dropped
    # The last: here alice does speak in the clear, also to show that the capture would have seen it.
    check "clear-dropped-v$family" clear_is_dropped
    check "capture-sees-clear-v$family" not no_clear alice 8000
    wire alice stop
    wire alice start
done
