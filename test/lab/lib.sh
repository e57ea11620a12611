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

# Options of each btnsd that `up` starts: on a busy machine a peer's first answer may take longer than the two seconds for which
# packets are held.
export BTNSD_PATIENCE="--hold 15"
# Calls that must not block wait for btnsd so long, as on a busy machine it may take more than a second.
export BTNS_WAIT=30

# state_of HOST: prints its latches and SPD entries, for a person, after a check has failed
state_of() {
    echo "--- $1:"
    on "$1" btnsctl latches || true
    on "$1" ip -o xfrm policy | grep -E 'priority (50|99|10[012]|2000|50000|6....|4294967295) ' || true
}

# deaf HOST: silently drops IKE requests to it, as a firewall does. hears HOST: ends that.
deaf() {
    on "$1" tc qdisc add dev eth0 clsact
    on "$1" tc filter add dev eth0 ingress protocol ip u32 match ip protocol 17 0xff match ip dport 500 0xffff action drop
}
hears() { on "$1" tc qdisc del dev eth0 clsact; }

# pause SECONDS: without a process, each of which costs some 10 ms in user-mode Linux
pause() { local nothing; read -rt "$1" -u "$silence" nothing || true; }

# eventually SECONDS COMMAND...: succeeds as soon as COMMAND does. An idle machine needs SECONDS at most; a busy or slow
# one gets five times that, and three minutes at least, so that only a COMMAND that would never succeed meets the limit.
# The looks become less frequent with time, because each costs some processes. A COMMAND that never succeeded is
# recorded, so that a script that waits in vain is noticed.
eventually() {
    local end=$((SECONDS + (5 * $1 > 180 ? 5 * $1 : 180))) tries=0 wait
    shift
    until "$@" >"$scratch/eventually" 2>&1; do
        ((SECONDS < end || tries < 10)) || { echo "$*" >>"$RESULTS.vain"; cat "$scratch/eventually"; return 1; }
        wait=$((++tries < 5 ? 80 : tries < 20 ? 20 * tries : 400))
        pause "0.$(printf %03d "$wait")"
    done
}

# within SECONDS COMMAND...: succeeds if COMMAND does before SECONDS are over, for a limit that is itself tested.
within() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do ((SECONDS < end)) || return 1; pause 0.1; done
}

not() { ! "$@"; }

# says PATTERN FILE: a line of the file matches
says() { grep -qE -- "$1" "$2"; }

# has_socket HOST STATE PORT [COUNT]: so many TCP sockets of that host (1) are in STATE, as the kernel's table has it (0A
# listens), with PORT at either end
has_socket() {
    local pid port near far state table found=0
    read -r pid <"$BTNS_LAB/hosts/$1.pid"
    printf -v port ':%04X' "$3"
    for table in "/proc/$pid/net/tcp" "/proc/$pid/net/tcp6"; do
        while read -r _ near far state _; do
            [[ $state != "$2" || ($near != *$port && $far != *$port) ]] || ((++found))
        done <"$table"
    done
    ((found >= ${4-1}))
}
# port_open HOST PORT: something listens there
port_open() { has_socket "$1" 0A "$2"; }
time_wait() { has_socket "$1" 06 "$2"; }
established() { has_socket "$1" 01 "$2"; }
syn_sent() { has_socket "$1" 02 "$2" "${3-1}"; }
# ended HOST PORT: each connection has ended; TIME_WAIT sends nothing of its own
ended() { local state; for state in 01 04 05 08 09 0B; do not has_socket "$1" $state "$2" || return 1; done; }

# answers_again PORT [ADDRESS]: alice gets a protected connection to bob. She remembers for up to 30 s that bob did not answer, and
# refuses connections meanwhile.
answers_again() {
    local address=${2-10.77.0.2}
    eventually 35 on alice btns-run --require bash -c "exec 3<>/dev/tcp/$address/$1" >/dev/null
}

# serve HOST PORT DIR [--clear]: python's http.server, under btns-run unless --clear; pid in $served
serve() {
    local host=$1 port=$2 dir=$3 under=btns-run
    [[ ${4-} != --clear ]] || under=env
    on "$host" "$under" python3 -m http.server --bind "${BIND:-::}" --directory "$dir" "$port" \
        >"$RESULTS.d/server-$host-$port" 2>&1 &
    served=$!
    eventually 10 port_open "$host" "$port"
}

# clear_tcp HOST PORT: the number of clear TCP packets of that port in the capture at HOST
clear_tcp() { wire "$1" report | awk -v p="$2" '$1 == "tcp-clear" && $2 == p { n = $3 } END { print n + 0 }'; }
esp_seen() { wire "$1" report | awk '$1 == "esp" { n = $2 } END { print n + 0 }'; }
# no_clear HOST PORT: there is none; otherwise says which ones there are
no_clear() {
    [[ $(clear_tcp "$1" "$2") == 0 ]] || {
        wire "$1" report
        tcpdump -tt -n -c 40 -r "$(wire "$1" file)" "tcp port $2" 2>/dev/null
        return 1
    }
}
some_esp() { (($(esp_seen "$1") > 0)); }

# latch HOST STATE [PATTERN]: btnsctl lists a latch in that state there, and its line matches
latch() { on "$1" btnsctl latches | grep -E "[[:space:]]$2[[:space:]]" | grep -E -- "${3-.}"; }

# spd HOST: the SPD entries of btnsd and charon, without those of sockets, of the host's IPv6 traffic with itself, and
# against ICMP errors (icmp_entries)
spd() { on "$1" ip xfrm policy | grep -A1 '^src' | grep -E 'priority (50|10[01]|2000|50000|6....) ' || true; }
# icmp_entries HOST PEER: those against ICMP errors to that address. A known peer's stand as long as btnsd runs.
icmp_entries() { on "$1" ip -o xfrm policy | grep -E "dst $2/[0-9]+ .*dir out .*priority (102|4294967295) "; }
guards() { on "$1" ip xfrm policy | grep -cE 'priority (100|2000|50000) ' || true; }
sas() { on "$1" ip -o xfrm state | grep -c 'spi 0x[0-9a-f]*[1-9a-f]' || true; }
# nothing_left HOST: no guard, no policy that charon made for child SAs of this host (priority 61000), and no SA;
# prints what is left
nothing_left() {
    ! on "$1" ip -o -batch - <<<$'xfrm policy\nxfrm state' |
        grep -E 'dir .* priority (99|10[01]|2000|50000|61000) |^src [^ ]+ dst [^ ]+ *\\\s*proto [a-z]+ spi 0x[0-9a-f]*[1-9a-f]'
}
# sas_up HOST [COUNT]: at least so many SAs, two unless it says otherwise
sas_up() { (($(sas "$1") >= ${2-2})); }

# unlatched HOST [PATTERN]: no guard (whose line matches) is there. The SAs of a peer that no longer answers stay
# longer.
unlatched() { ! on "$1" ip -o xfrm policy | grep -E 'priority (100|2000) ' | grep -E -- "${2-.}"; }

# segments HOST PEER: the number of segments that one of them sent and the other did not get. If only these two talk and
# the segments
# are not merged on the way, each lost one counts; a duplicate that a slow machine sends does not.
segments() {
    local host
    for host; do on "$host" nstat -az TcpOutSegs TcpRetransSegs TcpInSegs; done |
        awk '$1 == "TcpOutSegs" || $1 == "TcpRetransSegs" { n += $2 } $1 == "TcpInSegs" { n -= $2 } END { print n + 0 }'
}
# exchanges HOST: the IKE exchanges in the capture at HOST that were begun before the last one that authenticates, and
# before ESP. A repeated exchange counts once, and btnsd's probe of the port, which tcpdump prints as "[|isakmp]", does
# not count: nothing waits for an answer to it.
exchanges() {
    tcpdump -vvnnr "$(wire "$1" file)" 2>/dev/null | awk '
        /ESP\(/ { exit }
        match($0, /isakmp 2\.0 msgid .*\[I\]/) { seen[substr($0, RSTART, RLENGTH)] }
        /ikev2_auth\[R\]/ { n = length(seen) }
        END { print n + 0 }'
}
# capture HOST FILTER: whole packets, which `wire` does not keep, into HOST.pcap; its pid is added to captures
captures=()
capture() {
    on "$1" tcpdump -U -s 0 -i eth0 -w "$scratch/$1.pcap" "$2" 2>"$scratch/$1.tcpdump" & captures+=($!)
    eventually 20 says 'listening on' "$scratch/$1.tcpdump"
}
# none_lost BEFORE HOST PEER: no segment was lost since `segments` printed BEFORE; those on their way have time to arrive
none_lost() { within 30 eval "echo \"\$(segments $2 $3) was $1\"; [[ \$(segments $2 $3) == $1 ]]"; }

# pid_of HOST pid|charon_pid: the process id of btnsd or of its charon
pid_of() { on "$1" btnsctl status --json | grep -oE "\"$2\": *[0-9]+" | grep -oE '[0-9]+$'; }
# key HOST: the public key of its btnsd
key() { on "$1" btnsctl status --json | grep -o 'ed25519:[A-Za-z0-9+/=]*' | head -1; }
# holds EXPRESSION: it is true of v, the JSON on standard input
holds() { python3 "$py/holds.py" "$1"; }
# counted HOST NAME: a counter of its kernel's IPsec
counted() {
    local pid name number
    read -r pid <"$BTNS_LAB/hosts/$1.pid"
    while read -r name number; do [[ $name != "$2" ]] || echo "$number"; done <"/proc/$pid/net/xfrm_stat"
}
# dropped_at HOST: the number of packets that the IPsec policy there has not let in or out
dropped_at() {
    local pid name number n=0
    read -r pid <"$BTNS_LAB/hosts/$1.pid"
    while read -r name number; do [[ $name != XfrmIn* && $name != XfrmOutPolBlock ]] || ((n += number)); done <"/proc/$pid/net/xfrm_stat"
    echo $n
}
# drops HOST COMMAND...: COMMAND, a caller, gets no answer, because HOST's kernel drops its packets, and counts two of
# them; or COMMAND is refused with a reason
drops() {
    local host=$1 before caller status=0
    shift
    before=$(dropped_at "$host")
    rm -f "$scratch/dropped" # an old file would be taken for a new one
    "$@" >"$scratch/dropped" 2>&1 & caller=$!
    eventually 30 eval "[[ ! -d /proc/$caller || -s $scratch/dropped ]] || ((\$(dropped_at $host) >= $before + 2))"
    echo "dropped: $before, now $(dropped_at "$host")"
    kill $caller 2>/dev/null || true
    wait $caller || status=$?
    cat "$scratch/dropped"
    ((status)) && ! grep -v '^\(curl\|btns\):' "$scratch/dropped"
}
# put_policy HOST [FILE]: standard input becomes that file of its policy; reload is the caller's
put_policy() {
    local file
    file=/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/etc/btns/policy.d/${2-10-test.conf}
    cat >"$file"
    chmod 644 "$file"
}
# datagram_rules HOST...: UDP port $DATAGRAM_PORT (5301) is protected there; standard input has more rules
datagram_rules() {
    local host more
    more=$(cat)
    for host; do
        put_policy "$host" 10-udp.conf <<RULES
format = 1
profile "datagrams" { identity = any-key  timeout = 60 }
program "every" {
  match = { "*" }
  rule "datagrams" { at = { connect, accept }  protocol = udp  port = { ${DATAGRAM_PORT:-5301} }  action = protect  profile = "datagrams" }
  $more
}
RULES
    done
}
# set_policy HOST [FILE]: the same, and btnsd there is told to read it
set_policy() { put_policy "$@" && on "$1" btnsctl reload; }
# drop_policy HOST [FILE]: removes that file again
drop_policy() { rm -f "/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/etc/btns/policy.d/${2-10-test.conf}" && on "$1" btnsctl reload; }
# discard_to_bob PORT: alice's only rule of her own discards connections to that port of bob's
discard_to_bob() {
    set_policy alice <<END
format = 1
program "test" {
  match = { "*" }
  rule "shut" { at = { connect } protocol = tcp remote = { "10.77.0.2" } port = { $1 } action = discard }
}
END
}
# take_address HOST / return_address HOST: mallory has the addresses of HOST (alice or bob), which is off the switch
declare -A last_number=([alice]=1 [bob]=2)
addresses() { printf '%s\n' "addr $1 10.77.0.${last_number[$2]}/24 dev eth0" "addr $1 fd77::${last_number[$2]}/64 dev eth0${3-}"; }
forget_neighbours() { local host; for host in alice bob mallory; do on "$host" ip neigh flush all; done; }
take_address() {
    on "$1" ip link set eth0 down
    addresses add "$1" " nodad" | on mallory ip -batch -
    forget_neighbours
}
return_address() {
    addresses del "$1" | on mallory ip -batch -
    on "$1" ip link set eth0 up
    addresses add "$1" " nodad" | on "$1" ip -force -batch - 2>/dev/null || true # IPv6's has gone with the link
    forget_neighbours
}
# limit_rules SECONDS HOST...: the shipped policies wait so long for protection. btnsd reads them at start and reload.
limit_rules() {
    local host seconds=$1
    shift
    for host; do
        sed -i "s/^profile \"default\" {.*/profile \"default\" { timeout = $seconds/; s/^  timeout = .*/  timeout = $seconds/" \
            "/proc/$(<"$BTNS_LAB/hosts/$host.pid")/root/etc/btns/policy.d/"{50-{mosh,redis,rsync,ssh,wget},99-default}.conf
    done
}
# patient HOST...: rules there wait for protection as long as a rule can; for scripts that do not test that limit
patient() { limit_rules 60 "$@"; }
# hurried HOST: from now on rules there wait 20 s, not the 60 s of patient ones; for an attempt that must end at its limit
hurried() {
    sed -i 's/timeout = 60/timeout = 20/' "/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/etc/btns/policy.d/"*.conf && on "$1" btnsctl reload
}
# forget_ended HOST...: their kernels keep no connection in TIME_WAIT. Guards outlast TIME_WAIT, for which only tests
# about it should wait (teardown.sh, takeover-late.sh).
forget_ended() { local host; for host; do on "$host" sysctl -qw net.ipv4.tcp_max_tw_buckets=0; done; }
# rss HOST: btnsd's resident memory, in KiB
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$(pid_of "$1" pid)/status"; }
# vici_of HOST: the path of its charon's control socket, as seen from the script's mount namespace
vici_of() { echo "/proc/$(<"$BTNS_LAB/hosts/$1.pid")/root/run/btns/ike/charon.vici"; }
# kill_btnsd HOST...: kill -9; returns when the process is gone and another btnsd can start
kill_btnsd() {
    local host
    for host; do kill -9 "$(<"$BTNS_LAB/$host.pid")"; done
    for host; do eventually 10 not test -e "$BTNS_LAB/$host.pid"; done
}
# uptime_ms: the monotonic clock
uptime_ms() { awk '{ print int($1 * 1000) }' /proc/uptime; }

# monitor_sas HOST: records each SA that its kernel gets in $scratch/HOST.sas; ${monitors[@]} are the pids
monitors=()
monitor_sas() { on "$1" stdbuf -oL ip xfrm monitor SA >"$scratch/$1.sas" & monitors+=($!); }
# spis_of HOST REQID...: the SPIs of the SAs that it has or had with these reqids
spis_of() {
    local host=$1
    shift
    { on "$host" ip xfrm state; cat "$scratch/$host.sas"; } |
        awk -v reqids=" $* " '/^[ \t]*proto esp spi/ && index(reqids, " " $6 " ") { print $4 }' | sed 's/^0x0*/0x/' | sort -u
}
# spis_seen HOST: the SPIs of the ESP packets on its link
spis_seen() { tcpdump -nr "$(wire "$1" file)" esp 2>/dev/null | grep -o 'spi=0x[0-9a-f]*' | sed 's/spi=0x0*/0x/' | sort -u; }

cleanup_servers() { local p; for p in "$@"; do kill "$p" 2>/dev/null || true; done; wait "$@" 2>/dev/null || true; }

scratch=$(mktemp -d)
chmod 755 "$scratch" # nginx workers read from it
trap 'rm -rf "$scratch"' EXIT
py=$BTNS_REPO/test/lab/py
mkfifo "$scratch/silence"
exec {silence}<>"$scratch/silence" # no process writes to it: see pause
rm "$scratch/silence"
