# Sourced by the lab scripts about datagrams: two hosts with rules about them, captures at both, and helpers.

export BTNSD_OPTS="--linger ${linger:-1}"
# Ports 5300 to 5399 are protected, 5390 to 5399 with a short time limit; nothing uses 5500. mallory has no btnsd.
for host in alice bob; do
    put_policy "$host" 10-udp.conf <<'RULES'
format = 1
profile "datagrams" { identity = any-key  timeout = 60 }
profile "soon" { identity = any-key  timeout = 4 }
program "every" {
  match = { "*" }
  rule "soon" { at = { connect }  protocol = udp  port = { "5390-5394" }  action = protect  profile = "soon" }
  rule "rather" { at = { connect }  protocol = udp  port = { "5395-5399" }  action = prefer  profile = "soon" }
  rule "strict" {
    at = { accept }  protocol = udp  port = { 5320 }  action = protect  profile = "datagrams"
    mandatory = true  reason = "nobody else"
  }
  rule "datagrams" { at = { connect, accept }  protocol = udp  port = { "5300-5389" }  action = protect  profile = "datagrams" }
}
RULES
done
patient alice bob
up alice bob
capture alice 'udp or icmp or icmp6 or esp'
capture bob 'udp or icmp or icmp6 or esp'

# bound HOST PORT [COUNT]: so many datagram sockets are bound to it there
bound() {
    local pid port near table found=0
    read -r pid <"$BTNS_LAB/hosts/$1.pid"
    printf -v port ':%04X' "$2"
    for table in "/proc/$pid/net/udp" "/proc/$pid/net/udp6"; do
        while read -r _ near _; do [[ $near != *$port ]] || ((++found)); done <"$table"
    done
    ((found >= ${3-1}))
}
servers=()
# serves HOST PORT COMMAND...: it has a datagram socket at that port
serves() {
    on "$1" "${@:3}" >"$scratch/serves-$1-$2" 2>&1 & servers+=($!)
    eventually 30 bound "$1" "$2"
}
# answers HOST PORT [COMMAND...]: datagrams.py answers there
answers() { serves "$1" "$2" "${@:3}" python3 "$py/datagrams.py" answer "$2"; }
ask() { on alice btns-run python3 "$py/datagrams.py" ask "$@"; }
clear_udp() { tcpdump -nr "$scratch/$1.pcap" "udp $2" 2>/dev/null || true; }
none_clear() { local n; n=$(clear_udp "$1" "$2"); [[ -z $n ]] || { echo "$n"; return 1; }; }
# went_in_esp ALICE BOB TEXTS: ends the captures and the servers. Nothing that these filters select was seen in the clear at
# alice's and bob's links, but ESP was, and no packet has one of the texts.
went_in_esp() {
    cleanup_servers "${captures[@]}"
    check none-clear-alice none_clear alice "$1"
    check none-clear-bob none_clear bob "$2"
    check esp-seen eval '[[ $(tcpdump -nr "$scratch/bob.pcap" esp 2>/dev/null | wc -l) -gt 100 ]]'
    check nothing-quoted not grep -aqE "$3" "$scratch/alice.pcap" "$scratch/bob.pcap"
    cleanup_servers "${servers[@]}"
}
udp_floor() { on "$1" ip -o xfrm policy | grep -E "proto udp .*sport $2 .*action block"; }
protected_to() { latch alice ESTABLISHED "$1"; }
