# Sourced by the lab scripts of the end-to-end tests: checks with names, written to $RESULTS.

# check NAME COMMAND [ARG...]: one line "ok NAME" or "not ok NAME" for the Bats test of that name; what
# the command printed goes to $RESULTS.d/NAME, which a failing test shows.
RESULTS=${RESULTS:-$(mktemp -d)/results} # of a script that somebody runs by itself
mkdir -p "$RESULTS.d"
check() {
    local name=$1 word=ok status=0
    shift
    "$@" >"$RESULTS.d/$name" 2>&1 || status=$?
    if ((status)); then
        word='not ok'
        { echo "(exit $status: $*)"; state_of alice; state_of bob; } >>"$RESULTS.d/$name" 2>&1
    fi
    echo "$word $name" >>"$RESULTS"
}

# state_of HOST: what a person would look at first
state_of() {
    echo "--- $1:"
    on "$1" btnsctl latches || true
    on "$1" ip -o xfrm policy | grep -E 'priority (50|100|2000|50000|6....) ' || true
}

# eventually SECONDS COMMAND...: succeeds as soon as COMMAND does. SECONDS are what it should take at most; on a machine
# that is slow or busy besides everything takes longer: it is given three times that, and a minute at least.
eventually() {
    local end=$((SECONDS + (3 * $1 > 60 ? 3 * $1 : 60))) tries=0
    shift
    until "$@" >"$scratch/eventually" 2>&1; do
        ((SECONDS < end || ++tries < 10)) || { cat "$scratch/eventually"; return 1; }
        sleep 0.2
    done
}

# within SECONDS COMMAND...: the same in that time and no longer, which a timer of the code's own sets.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do ((SECONDS < end)) || return 1; sleep 0.2; done
}

not() { ! "$@"; }

# lines FILE...: how many lines say it
says() { grep -qE -- "$1" "$2"; }

# port_open HOST PORT: something listens there
port_open() { on "$1" ss -Hltn "sport = :$2" | grep -q .; }

# serve HOST PORT DIR [--clear]: python's http.server, under btns-run unless --clear; pid in $served
serve() {
    local host=$1 port=$2 dir=$3 under=btns-run
    [[ ${4-} != --clear ]] || under=env
    on "$host" "$under" python3 -m http.server --bind "${BIND:-::}" --directory "$dir" "$port" \
        >"$RESULTS.d/server-$host-$port" 2>&1 &
    served=$!
    eventually 10 port_open "$host" "$port"
}

# clear_tcp HOST PORT: how many clear TCP packets of that port the capture at HOST saw
clear_tcp() { wire "$1" report | awk -v p="$2" '$1 == "tcp-clear" && $2 == p { n = $3 } END { print n + 0 }'; }
esp_seen() { wire "$1" report | awk '$1 == "esp" { n = $2 } END { print n + 0 }'; }
no_clear() { [[ $(clear_tcp "$1" "$2") == 0 ]] || { wire "$1" report; return 1; }; }
some_esp() { (($(esp_seen "$1") > 0)); }

# latch HOST STATE [PATTERN]: a latch in that state (and matching) is listed there
latch() { on "$1" btnsctl latches | grep -E "[[:space:]]$2[[:space:]]" | grep -E -- "${3-.}"; }

# spd HOST: the entries that are neither the host's empty socket ones nor the IPv6 self-talk ones
spd() { on "$1" ip xfrm policy | grep -A1 '^src' | grep -E 'priority (50|100|2000|50000|6....) ' || true; }
guards() { on "$1" ip xfrm policy | grep -cE 'priority (100|2000|50000) ' || true; }
asked_for() { on "$1" ip xfrm policy | grep -c 'priority 61000 ' || true; } # charon's own, for what this host brought up
sas() { on "$1" ip -o xfrm state | grep -c 'spi 0x[0-9a-f]*[1-9a-f]' || true; }
nothing_left() { [[ $(guards "$1") == 0 && $(asked_for "$1") == 0 && $(sas "$1") == 0 ]] || { on "$1" ip -o xfrm policy | grep 'dir ' | grep -v 'priority 1 '; on "$1" ip -o xfrm state | cut -c1-100; echo; return 1; }; }

# unlatched HOST: no guard stands there; SAs of a peer that does not answer any more can take longer to go
unlatched() { ! on "$1" ip -o xfrm policy | grep -E 'priority (100|2000) '; }

# segments HOST PEER: what either sent and the other has not got. With no traffic but between these two, of segments
# that are not put together on the way, each that is lost counts one; what was sent again and came twice, because
# the machine was slow, counts nothing.
segments() {
    local host
    for host; do on "$host" nstat -az TcpOutSegs TcpRetransSegs TcpInSegs; done |
        awk '$1 == "TcpOutSegs" || $1 == "TcpRetransSegs" { n += $2 } $1 == "TcpInSegs" { n -= $2 } END { print n + 0 }'
}
# none_lost BEFORE HOST PEER: since segments said BEFORE; what is on its way has a moment to come
none_lost() { eventually 10 eval "echo \"\$(segments $2 $3) was $1\"; [[ \$(segments $2 $3) == $1 ]]" && cat "$scratch/eventually"; }

# pid_of HOST pid|charon_pid: btnsd's process there, or its charon's
pid_of() { on "$1" btnsctl status --json | grep -oE "\"$2\": *[0-9]+" | grep -oE '[0-9]+$'; }
# rss HOST: btnsd's resident memory, in KiB
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$(pid_of "$1" pid)/status"; }
# vici_of HOST: its charon's control socket, from where the script runs
vici_of() { echo "/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/run/btns/ike/charon.vici"; }
# kill_btnsd HOST...: kill -9, and it is gone, so that another can be started
kill_btnsd() {
    local host
    for host; do kill -9 "$(<"$BTNS_LAB/$host.pid")"; done
    for host; do eventually 10 not test -e "$BTNS_LAB/$host.pid"; done
}
# uptime_ms: the monotonic clock
uptime_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# monitor_sas HOST: every SA that its kernel gets, from now on, goes to $scratch/HOST.sas; its pid is in ${monitors[@]}
monitors=()
monitor_sas() { on "$1" stdbuf -oL ip xfrm monitor SA >"$scratch/$1.sas" & monitors+=($!); }
# spis_of HOST REQID...: the SPIs of what it has or had under these
spis_of() {
    local host=$1
    shift
    { on "$host" ip xfrm state; cat "$scratch/$host.sas"; } |
        awk -v reqids=" $* " '/^[ \t]*proto esp spi/ && index(reqids, " " $6 " ") { print $4 }' | sed 's/^0x0*/0x/' | sort -u
}
# spis_seen HOST: those on its link
spis_seen() { tcpdump -nr "$(wire "$1" file)" esp 2>/dev/null | grep -o 'spi=0x[0-9a-f]*' | sed 's/spi=0x0*/0x/' | sort -u; }

cleanup_servers() { local p; for p in "$@"; do kill "$p" 2>/dev/null || true; done; wait "$@" 2>/dev/null || true; }

scratch=$(mktemp -d)
chmod 755 "$scratch" # nginx workers read from it
trap 'rm -rf "$scratch"' EXIT
