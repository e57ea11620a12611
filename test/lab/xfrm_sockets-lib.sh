# For xfrm_netns.sh: sockets as btnsd/xfrm finds them, compared with ss.
ss_says() { ss -Htn state connected "( $1 )" | wc -l; }
tool_says() { "$tool" connections "$1" "$2" | wc -l; }
agree() {
    local want=$1 filter=$2
    shift 2
    [[ $(ss_says "$filter") == "$want" && $(tool_says "$@") == "$want" ]] ||
        { echo "$filter: want $want, ss $(ss_says "$filter"), we $(tool_says "$@")"; "$tool" connections "$@"; return 1; }
}

open_sockets() { # LOCAL REMOTE: sets $port and $dual
    coproc SOCKETS { exec python3 "$tcp" sockets "$1" "$2"; }
    started+=("$SOCKETS_PID")
    read -r port dual <&"${SOCKETS[0]}"
}
shut_sockets() { kill "$SOCKETS_PID"; wait "$SOCKETS_PID" 2>/dev/null || true; }

connections_found() { # LOCAL REMOTE WITH_TIME_WAIT WITH_DUAL
    local status=0
    open_sockets "$1" "$2"
    connections_agree "$1" "$2" || status=$?
    shut_sockets
    return "$status"
}

quoted() { [[ $1 == *:* ]] && echo "[$1]" || echo "$1"; }

# Three listeners' worth of sockets: both ends of one connection, a TIME_WAIT, a SYN_SENT, and for IPv4
# both ends of one more whose server's socket is an IPv6 one.
connections_agree() {
    local all=4 mapped=$((port == dual ? 0 : 2)) line
    all=$((all + mapped))
    agree "$all" "src $(quoted "$1")" "$1" - || return 1
    agree 1 "dst $(quoted "$2")" - "$2,9" || return 1
    agree 2 "sport = :$port" "-,$port" - || return 1
    agree 1 "dport = :$port" "$1" "-,$port" || return 1
    agree 0 "sport = :1" "-,1" - || return 1
    (($(tool_says - -) >= all)) || return 1
    [[ $mapped == 0 ]] || agree 1 "sport = :$dual" "$1,$dual" - || return 1
    line=$("$tool" connections - "$2,9")
    [[ $line == *"state 2 uid 0 inode "[1-9]* ]] || { echo "SYN_SENT: $line"; return 1; }
    line=$("$tool" connections "-,$port" - | grep "state 6")
    [[ $line =~ expires\ ([0-9]+) ]] && ((BASH_REMATCH[1] > 20000 && BASH_REMATCH[1] <= 60000)) ||
        { echo "TIME_WAIT: $line"; return 1; }
    ! "$tool" connections - - | grep -E 'state (7|10) '
}

connections_refused() { ! "$tool" connections 10.77.0.1 fd77::1 2>/dev/null; }

# Address and port of every listener: the echo server, and two that are made for this
listeners_found() {
    local here
    open_sockets 10.77.0.1 10.77.0.200
    "$tool" listeners >"$scratch/listeners"
    here=$(ss -Hltn | awk '{ sub(/^\*:/, "[::]:", $4); print $4 }' | sort)
    shut_sockets
    diff <(awk '{ print $2 }' "$scratch/listeners" | sort) <(echo "$here") &&
        (($(grep -c 'state 10 ' "$scratch/listeners") == 3))
}

destroyed_told() {
    local seen
    hear destroyed
    python3 "$py/cookies.py" "$1" >"$scratch/cookies"
    python3 "$py/cookies.py" "$1" >"$scratch/later" # when these are reported, all earlier ones are
    for seen in $(cat "$scratch/cookies" "$scratch/later"); do
        eventually 5 grep -q "^destroyed .* cookie $seen\$" "$scratch/events"
    done
    kill "$hearing"
    wait "$hearing" 2>/dev/null || true
    mv "$scratch/events" "$scratch/destroyed"
    for seen in $(cat "$scratch/cookies"); do
        (($(grep -c "^destroyed .* cookie $seen\$" "$scratch/destroyed") == 1)) ||
            { cat "$scratch/cookies" "$scratch/destroyed"; return 1; }
    done
    awk -v cookie="$(cut -d' ' -f1 "$scratch/cookies")" -v from="$2" \
        '$NF == cookie && index($2, from) == 1 { found = 1 } END { exit !found }' "$scratch/destroyed"
}
