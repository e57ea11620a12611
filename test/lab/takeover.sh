# Sourced: mallory, with a key of his own, takes the address of one end of a connection; checks that he gains nothing.
. "$BTNS_REPO/test/lab/lib.sh"

export BTNSD_OPTS="--linger 2"
trap '' PIPE # writes to a client that has ended; its messages say why
patient alice bob mallory
up alice bob mallory

declare -A address=([alice]=10.77.0.1 [bob]=10.77.0.2)
other() { [[ $1 == alice ]] && echo bob || echo alice; }
# take HOST / give_back HOST: mallory has HOST's IPv4 address, and HOST is off the switch
take() {
    on "$1" ip link set eth0 down
    on mallory ip addr add "${address[$1]}/24" dev eth0
    on "$(other "$1")" ip neigh flush all
}
give_back() {
    on mallory ip addr del "${address[$1]}/24" dev eth0
    on "$1" ip link set eth0 up
    on "$(other "$1")" ip neigh flush all
    on "$1" ip neigh flush all
}

# watch_out HOST NAME: captures what HOST sends to the other's address; NAME.clear
watch_out() {
    watched=$1 watch=$scratch/$2.clear
    on "$1" tcpdump -qni eth0 -U -Q out -w "$watch" "(tcp or icmp or esp) and dst host ${address[$(other "$1")]}" 2>/dev/null 8>&- & watcher=$! # without the fifo of the client
    eventually 5 test -s "$watch"
}
# seen_out COUNT FILTER: the capture has so many packets of that kind
seen_out() { (($(tcpdump -nr "$watch" "$2" 2>/dev/null | wc -l) >= $1)); }
# watch_ends: when the capture has a ping that HOST sends now, and so everything from before
watch_ends() {
    eventually 30 on "$watched" ping -q -c 1 -W 60 "${address[$(other "$watched")]}" >/dev/null
    eventually 10 seen_out 1 'icmp[icmptype] == icmp-echo' >/dev/null
    kill $watcher
    wait $watcher 2>/dev/null || true
}
# sent_clear NAME [FILTER]: no TCP packet left in the clear
sent_clear() {
    [[ -s $scratch/$1.clear && -z $(tcpdump -nr "$scratch/$1.clear" "tcp and ${2-tcp}" 2>/dev/null) ]] ||
        { tcpdump -nr "$scratch/$1.clear"; return 1; }
}
# sa_fields HOST FIELD [FROM-OR-TO]: SPI or reqid of its SAs but larval ones: these have no keys, and come with each try
sa_fields() {
    on "$1" ip -o xfrm state | awk -v field="$2 [0-9a-fx]+" -v end="${3-}" '
        { sub(/\\/, "") }
        /spi 0x00000000/ || !/aead|enc / || (end != "" && $2 != end && $4 != end) { next }
        match($0, field) { print substr($0, RSTART, RLENGTH) }' | sort -u
}
spis_in() { on "$1" ip -o xfrm state | awk -v to="${address[$1]}" '{ sub(/\\/, "") } $4 == to && match($0, /spi 0x[0-9a-f]+/) && !/spi 0x00000000/ { print substr($0, RSTART + 4, RLENGTH - 4) }' | sort -u; }
# reqids_of HOST: the reqids of its SAs with the other's address; all of them stand for the other's key
reqids_of() { sa_fields "$1" reqid "${address[$(other "$1")]}"; }

client() { # client PORT: a client whose steps `step` triggers
    rm -f "$scratch/steps" "$scratch/said"
    mkfifo "$scratch/steps"
    on alice btns-run python3 "$py/takeover_client.py" "$1" <"$scratch/steps" >"$scratch/said" 2>"$scratch/client.err" & program=$!
    exec 8>"$scratch/steps"
    said=0
}
has_said() { lines=(); mapfile -t lines <"$scratch/said" && ((${#lines[@]} > said)); }
step() { # step WHAT: and waits until it is done
    echo "$1" >&8 || { cat "$scratch/client.err" "$scratch/said"; return 1; }
    eventually 30 has_said >/dev/null
    said=${#lines[@]}
}
client_ends() { exec 8>&-; wait $program 2>/dev/null || true; }

# attack NAME HOST: HOST is attacked by mallory at the other's address, at this point; sets what the checks look at. The
# capture goes on until watch_ends.
attack() {
    local name=$1 host=$2 peer before port rcv snd
    peer=$(other "$host")
    reqids_of "$host" >"$scratch/$name.before"
    spis=$(spis_in "$host")
    read -r _ port rcv snd < <(grep -E '^(connected|begun) ' "$scratch/said") || true
    watch_out "$host" "$name"
    take "$peer"
    : >"$scratch/mallory.log"
    # shellcheck disable=SC2086
    if [[ $host == alice ]]; then
        on mallory python3 "$py/attack.py" 10.77.0.2 10.77.0.1 8000 "$port" "$rcv" "$snd" $spis
    else
        on mallory python3 "$py/attack.py" 10.77.0.1 10.77.0.2 "$port" 8000 "$snd" "$rcv" $spis
        on mallory btns-run curl -sS4 -m 8 --interface 10.77.0.1 http://10.77.0.2:8000/ >"$scratch/$name.served" 2>&1 || true
    fi
    # When this is answered, the segments were taken or dropped; what they set off may come until watch_ends.
    eventually 30 on mallory ping -q -c 1 -W 60 -I "${address[$peer]}" "${address[$host]}" >/dev/null || echo "no answer" >>"$scratch/mallory.log"
    reqids_of "$host" >"$scratch/$name.reqids"
    sa_fields mallory spi >"$scratch/$name.keyed"
    give_back "$peer"
}
# unharmed NAME [FILTER]: nothing left in the clear, no SA with anybody else here or at his end, nothing of his in either
# program, nothing at his server
unharmed() {
    sent_clear "$@" &&
        comm -13 "$scratch/$1.before" "$scratch/$1.reqids" | { ! grep .; } &&
        { cat "$scratch/$1.keyed"; [[ ! -s $scratch/$1.keyed ]]; } &&
        ! grep -q 'from bob' "$scratch/$1.served" 2>/dev/null &&
        ! grep -r INJECTED "$scratch/said" "$got" && not says . "$scratch/mallory.log"
}
# whole: both ends got what the other sent, all of it, and nothing else
whole() {
    local number
    cat "$scratch/said" "$scratch/client.err"
    number=$(grep -oE "^got b'from bob [0-9]+.nand goodbye.n'" "$scratch/said" | grep -oE '[0-9]+') &&
        [[ $(cat "$got/$number" 2>/dev/null) == "${1-from alice}" ]]
}

got=$scratch/got
mkdir "$got"
on bob btns-run python3 "$py/takeover_server.py" 8000 "$got" >"$RESULTS.d/server" 2>&1 & server=$!
on mallory python3 -m http.server --bind 0.0.0.0 --directory /tmp 8000 >"$scratch/mallory.log" 2>&1 & evil=$!
eventually 10 port_open bob 8000
eventually 10 port_open mallory 8000
connect() { client 8000; step connect; }
finish() { step rest; client_ends; }
