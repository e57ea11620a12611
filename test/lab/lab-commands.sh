# For lab.bats: uses every command of the lab once and prints one "name: what was seen" line each.
set -u
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=test/lab/esp-by-hand.sh
. "$here/esp-by-hand.sh"

seen() { printf '%s: %s\n' "$1" "$(tr '\n' '|' | sed 's/|$//')"; }
result() { local name=$1; shift; "$@" >/dev/null 2>&1; echo "$name: $?"; }

# Runs on each host, as one process: each further process costs time in user-mode Linux.
look_around() {
    local peer
    echo "hostname: $(hostname)"
    ip -brief address show dev eth0 scope global | { read -r _ _ v4 v6 && echo "addresses: $v4 $v6"; }
    for peer in alice bob mallory; do
        echo "resolves $peer: $(getent ahosts "$peer" | awk '/STREAM/ { printf "%s|", $1 }')"
    done
    echo "directories: $(stat -c '%n %a %U|' /etc/btns /etc/btns/policy.d /var/lib/btns /run | tr -d '\n')"
    echo "files: $(ls -A /var/lib/btns /run /etc/btns | tr '\n' '|')"
    echo "policies: $(stat -c '%a %U' /etc/btns/policy.d/* | sort -u) $(cat /etc/btns/policy.d/* | cksum)"
}

see_hosts() {
    local host
    export -f look_around
    for host in alice bob mallory; do
        on "$host" bash -c look_around | sed "s/^/$host /; s/|$//"
    done
    result 'alice pings bob 4' on alice ping -4 -c 1 -W 60 bob
    result 'alice pings mallory 6' on alice ping -6 -c 1 -W 60 mallory
    result 'alice: others reach the build' on alice setpriv --reuid=65534 --clear-groups --regid=65534 \
        bash -c 'test -x "$(type -P btnsd)"'
    result 'script reaches bob' ping -c 1 -W 1 10.77.0.2
}

# Files written in one host's private directories are seen by that host alone.
see_privacy() {
    on alice sh -c 'echo mine | tee /etc/btns/lab.test /etc/lab.test /run/lab.test /var/lib/btns/lab.test' >/dev/null
    on alice sh -c 'cat /etc/btns/lab.test /etc/lab.test /run/lab.test /var/lib/btns/lab.test' | seen 'alice keeps'
    on bob sh -c 'ls /etc/btns/lab.test /etc/lab.test /run/lab.test /var/lib/btns/lab.test 2>/dev/null' | seen 'bob has'
    ls /etc/btns/lab.test /etc/lab.test /run/lab.test /var/lib/btns/lab.test 2>/dev/null | seen 'machine has'
}

see_on() {
    result 'on status' on bob sh -c 'exit 42'
    result 'on unknown command' on bob no-such-command
    result 'on unknown host' on carol true
    printf 'a\0b\n' | on bob cat | od -An -c | tr -s ' ' | seen 'on pipes'
    on bob sh -c 'echo out; echo err >&2' 2>/dev/null | seen 'on stdout'
    on bob sh -c 'echo out; echo err >&2' 2>&1 >/dev/null | seen 'on stderr'
    on bob pwd | seen 'on directory'
    on bob sh -c 'echo $$' >"$BTNS_LAB/pid" &
    local started=$!
    wait "$started"
    [[ $(<"$BTNS_LAB/pid") == "$started" ]] && echo 'on pid: same'
    on bob bash -c 'trap "echo terminated; exit 9" TERM; touch "$BTNS_LAB/trapped"; sleep 1000 & wait' >"$BTNS_LAB/term" &
    started=$!
    until [[ -e $BTNS_LAB/trapped ]]; do sleep 0.1; done
    kill -TERM "$started"
    wait "$started"
    echo "on terminated: $? $(<"$BTNS_LAB/term")"
}

# serve PORT: a server on bob, for both families, that answers each connection with a line
serve() {
    on bob python3 "$here/py/greet.py" :: "$1" >"$BTNS_LAB/server.$1" &
    until [[ -s $BTNS_LAB/server.$1 ]]; do sleep 0.1; done
}

fetch() { on alice bash -c 'cat <"/dev/tcp/$0/$1"' "$1" "$2"; }

# Messages as they are on the wire: an IKE_SA_INIT header of 28 bytes, ESP with SPI 0x01020304, a keepalive.
ike='\x11\x11\x11\x11\x11\x11\x11\x11\0\0\0\0\0\0\0\0\0\x20\x22\x08\0\0\0\0\0\0\0\x1c'
esp='\x01\x02\x03\x04\0\0\0\x01some cipher text'

# say_everything ADDRESS: alice sends one datagram of each kind
say_everything() {
    on alice bash -c 'while [[ $# -gt 0 ]]; do printf "$2" >"/dev/udp/$0/$1"; shift 2; done' "$1" \
        500 "$ike" 4500 "\0\0\0\0$ike" 4500 '\xff' 4500 "$esp" \
        500 'not a message of IKE, but long enough' 5353 'clear'
}

# settled PORT: waits until the last packet of alice's connections to that port has arrived
settled() { until [[ -z $(on alice ss -Htan "dport = :$1") ]]; do sleep 0.1; done; }

report() { wire "$1" report | seen "$1 $2"; }

see_wire() {
    serve 8000
    serve 9000
    wire alice start
    wire bob start
    result 'wire start twice' wire alice start
    local address
    for address in 10.77.0.2 fd77::2; do
        say_everything "$address"
        fetch "$address" 9000
    done | seen 'fetched clear'
    settled 9000
    report alice clear
    on alice ping -c 1 bob >/dev/null
    wire alice stop
    wire bob stop
    report alice stopped
    report bob stopped
    # From here on port 8000 is protected, in both families; port 9000 is not.
    esp_between 10.77.0.1 10.77.0.2
    esp_between fd77::1 fd77::2
    wire alice start
    wire bob start
    for address in 10.77.0.2 fd77::2; do fetch "$address" 8000; done | seen 'fetched protected'
    settled 8000
    wire alice stop
    wire bob stop
    report alice protected
    report bob protected
    result 'wire report of nothing' wire mallory report
    wire mallory start
    # A capture that reads its packets late must not lose any.
    local tcpdump
    read -r tcpdump <"$BTNS_LAB/hosts/mallory.tcpdump.pid"
    kill -STOP "$tcpdump"
    on mallory perl -MSocket -e 'socket S, AF_INET, SOCK_DGRAM, 0 or die;
        send S, "burst", 0, pack_sockaddr_in 7777, inet_aton "10.77.0.1" for 1 .. 3000'
    (sleep 1; kill -CONT "$tcpdump") &
    wire mallory stop
    report mallory burst
    wire alice file | sed "s|$BTNS_LAB|LAB|" | seen 'alice file'
    result 'wire stop twice' wire alice stop
    result 'wire of nowhere' wire carol start
}

# With the mock btnsd of lab.bats.
see_up_and_down() {
    result 'up' up alice bob
    cat "$BTNS_LAB/alice.log" | seen 'alice log'
    result 'up twice' up alice
    local btnsd
    read -r btnsd <"$BTNS_LAB/alice.pid"
    result 'btnsd runs' kill -0 "$btnsd"
    result 'down' down alice bob
    result 'btnsd runs after down' kill -0 "$btnsd"
    result 'child runs after down' pgrep -f 'sleep 31[4]'
    result 'down again' down alice
    up mallory | cat | seen 'up in a pipe'
    kill -KILL "$(<"$BTNS_LAB/mallory.pid")"
    until [[ ! -e $BTNS_LAB/mallory.pid ]]; do sleep 0.1; done
    result 'up after kill' up mallory
    BTNSD_OPTS=--die up alice 2>&1 | sed "s|$BTNS_LAB|LAB|" | seen 'up of a dying btnsd'
    BTNSD_OPTS=--die result 'up of a dying btnsd fails' up alice
    BTNSD_OPTS=--orphan up bob
    BTNS_LAB_SECONDS=2 down bob 2>&1 | grep -o "still there after 2 s\|sleep 271" | seen "down with an orphan"
}

for host in alice bob mallory; do on "$host" ip -6 address show tentative; done | seen 'not usable yet'
see_hosts
see_privacy
see_on
see_wire
see_up_and_down
