# Each shipped policy with the real programs it is for: protected as its rule says, and nothing in the clear.
. "$BTNS_REPO/test/lab/lib.sh"

patient alice bob
up alice bob
wire alice start
wire bob start
check no-finding on alice btnsctl check
servers=()

# start PORT COMMAND...: a server on bob, which listens there within some seconds
start() {
    local port=$1
    shift
    on bob btns-run "$@" >"$RESULTS.d/server-$port" 2>&1 &
    servers+=($!)
    eventually 10 port_open bob "$port"
}

# tried NAME PORT RULE EXPECTED COMMAND...: what COMMAND, under btns-run on alice, prints holds EXPECTED; the
# rule that decides for it is the shipped one; and alice has a latch of its connection.
tried() {
    local name=$1 port=$2 rule=$3 expected=$4 program
    shift 4
    program=$(readlink -f "$(type -P "${PROGRAM:-$1}")")
    check "$name-rule" explained alice "$program" "10.77.0.2:$port" "$rule"
    check "$name-works" output_has "$expected" on alice btns-run "$@"
    check "$name-guard" eval "on alice ip -o xfrm policy | grep -F 'dst 10.77.0.2/32' | grep -F 'dport $port ' | grep -qF 'priority 100 '"
    check "$name-clear-alice" no_clear alice "$port"
    check "$name-clear-bob" no_clear bob "$port"
}
explained() { output_has "rule \"$4\"" on "$1" btnsctl explain -v "${@:5}" "$2" tcp "$3"; }
output_has() {
    local expected=$1
    shift
    "$@" >"$scratch/output" 2>&1 || { echo "status $?"; cat "$scratch/output"; return 1; }
    grep -F -- "$expected" "$scratch/output" || { cat "$scratch/output"; return 1; }
}
# served NAME PROGRAM PORT RULE: the rule that decides for the server's listener
served() { check "$1-server-rule" explained bob "$2" "10.77.0.2:$3" "$4" --accept; }

# rsync
mkdir "$scratch/module"; echo 'by rsync' >"$scratch/module/file"
printf 'use chroot = no\nlog file = %s\n[module]\npath = %s\n' "$scratch/rsync.log" "$scratch/module" >"$scratch/rsyncd.conf"
start 873 rsync --daemon --no-detach --config="$scratch/rsyncd.conf"
served rsync /usr/bin/rsync 873 modules
PROGRAM=rsync tried rsync 873 modules 'by rsync' sh -c "rsync rsync://10.77.0.2/module/file $scratch/copy && cat $scratch/copy"

# git, by its own protocol
git init -q --bare "$scratch/repository.git"
git -C "$scratch" -c user.name=t -c user.email=t@example.org clone -q repository.git work 2>/dev/null
git -C "$scratch/work" -c user.name=t -c user.email=t@example.org commit -q --allow-empty -m 'by git'
git -C "$scratch/work" push -q origin HEAD:main
start 9418 /usr/lib/git-core/git-daemon --export-all --base-path="$scratch"
served git /usr/lib/git-core/git-daemon 9418 repositories
tried git 9418 fetch refs/heads/main git ls-remote git://10.77.0.2/repository.git

# redis: redis-server is a link to the program
start 6379 redis-server --port 6379 --bind 10.77.0.2 --protected-mode no --save '' --dir "$scratch"
served redis "$(readlink -f /usr/bin/redis-server)" 6379 store
tried redis 6379 store PONG redis-cli -h 10.77.0.2 ping

# memcached and netcat
start 11211 memcached -u nobody -l 10.77.0.2 -p 11211 -U 0
served memcached /usr/bin/memcached 11211 cache
PROGRAM=nc tried netcat 11211 transfer VERSION sh -c 'printf "version\r\nquit\r\n" | nc -q 3 10.77.0.2 11211'

# iperf3
start 5201 iperf3 --server --one-off
served iperf3 /usr/bin/iperf3 5201 measurement
tried iperf3 5201 measurement 'iperf Done' iperf3 -c 10.77.0.2 -n 1M
# the same by datagrams
capture bob 'udp port 5201'
start 5201 iperf3 --server --one-off
check iperf3-udp-works output_has 'iperf Done' on alice btns-run iperf3 -u -b 4M -t 1 -c 10.77.0.2
check iperf3-udp-guard eval "on alice ip -o xfrm policy | grep -F 'proto udp' | grep -F 'dport 5201 ' | grep -qF 'priority 100 '"
cleanup_servers "${captures[@]}"
check iperf3-udp-clear eval '[[ -z $(tcpdump -nr "$scratch/bob.pcap" 2>/dev/null | tee /dev/stderr) ]]'

# socat at both ends
start 7000 socat TCP-LISTEN:7000,reuseaddr,fork SYSTEM:'echo by socat'
served socat /usr/bin/socat 7000 relay
tried socat 7000 relay 'by socat' socat -T 10 - TCP:10.77.0.2:7000

# lighttpd
echo 'by lighttpd' >"$scratch/module/index.html"
printf 'server.document-root = "%s"\nserver.port = 8080\nindex-file.names = ( "index.html" )\n' "$scratch/module" >"$scratch/lighttpd.conf"
start 8080 lighttpd -D -f "$scratch/lighttpd.conf"
served lighttpd /usr/sbin/lighttpd 8080 visitors
tried curl 8080 web 'by lighttpd' curl -sS http://10.77.0.2:8080/

# mosquitto: a retained message
printf 'listener 1883 10.77.0.2\nallow_anonymous true\nuser root\n' >"$scratch/mosquitto.conf"
start 1883 mosquitto -c "$scratch/mosquitto.conf"
served mosquitto /usr/sbin/mosquitto 1883 broker
check mosquitto-publishes on alice btns-run mosquitto_pub -h 10.77.0.2 -t topic -r -m 'by mosquitto'
tried mosquitto 1883 broker 'by mosquitto' mosquitto_sub -h 10.77.0.2 -t topic -C 1 -W 20

# dig and dnsmasq, over TCP
start 53 dnsmasq --keep-in-foreground --conf-file=/dev/null --no-resolv --no-hosts --bind-interfaces \
    --listen-address=10.77.0.2 --user=root --pid-file --address=/name.example/192.0.2.7
served dns /usr/sbin/dnsmasq 53 answers
tried dns 53 questions 192.0.2.7 dig +tcp +short +tries=1 +time=20 @10.77.0.2 name.example

wire alice stop
wire bob stop
check esp-on-the-wire eval 'some_esp alice && some_esp bob'
cleanup_servers "${servers[@]}"
