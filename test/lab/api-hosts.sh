# libbtns between hosts: its reports of a connection agree with the kernel and charon; a listener's policy and peer
# apply to the connections that it accepts; the example, whose two ends remember each other; programs in Rust and Go.
. "$BTNS_REPO/test/lab/lib.sh"

programs=$BTNS_BUILD/programs
patient alice bob carol
forget_ended alice bob carol mallory
export BTNSD_OPTS="--linger 1"
python=(env LD_LIBRARY_PATH="$BTNS_BUILD" PYTHONPATH="$BTNS_REPO/libapi/python" python3)

up alice bob carol

# ---- reports agree with the kernel and charon ----
declare -A asks
holders=''
# hold NAME HOST ARGUMENT...: library_against_kernel.py there
hold() {
    local fd
    mkfifo "$scratch/$1.ask"
    on "$2" btns-run "${python[@]}" "$py/library_against_kernel.py" "${@:3}" <"$scratch/$1.ask" >"$scratch/$1.told" 2>&1 &
    holders+=" $!"
    exec {fd}>"$scratch/$1.ask"
    asks[$1]=$fd
}
# truth NAME STATE: libbtns agrees with the kernel there, and reports STATE
truth() {
    local told before
    told=$scratch/$1.told
    before=$(wc -l <"$told")
    echo "$2" >&"${asks[$1]}"
    eventually 20 eval '(($(wc -l <"$told") > before))'
    tail -n 1 "$told" | tee /dev/stderr | grep -q '^same '
}
# told_events NAME PATTERN: ipsec_watch() has reported these events there
told_events() {
    local told before
    told=$scratch/$1.told
    before=$(wc -l <"$told")
    echo EVENTS >&"${asks[$1]}"
    eventually 20 eval '(($(wc -l <"$told") > before))'
    last "$1" | tee /dev/stderr | grep -Exq "events $2"
}
last() { tail -n 1 "$scratch/$1.told"; }
udp_open() { on "$1" ss -Hlun "sport = :$2" | grep -q .; }
holds_on() { eventually 30 says '^holds$' "$scratch/$1.told"; }
swan() { on "$1" swanctl "${@:2}" --uri unix:///run/btns/ike/charon.vici; }
rekey() { swan alice --rekey --child "$child" | grep 'rekey completed successfully'; }
override() { on alice ip xfrm policy "$1" src 10.77.0.1 dst 10.77.0.2 proto "$2" dir out ${3+priority $3}; }

hold server bob accept 7300
hold nat-server bob accept 7301
eventually 30 port_open bob 7300
eventually 30 port_open bob 7301
hold client alice connect 10.77.0.2 7300
hold nat-client carol connect 10.77.0.2 7301
for end in server nat-server client nat-client; do check "$end-holds" holds_on $end; done
check truth-client truth client ESTABLISHED
check truth-server truth server ESTABLISHED
check truth-nat-client eval 'truth nat-client ESTABLISHED && [[ $(last nat-client) == *nat=1* ]]'
check truth-nat-server eval 'truth nat-server ESTABLISHED && [[ $(last nat-server) == *"nat=2 outer=10.77.0.77 inner=192.168.77.2" ]]'
before=$(last client)
child=$(swan alice --list-sas 2>/dev/null | awk '/tcp-7300.*INSTALLED/ { sub(":", "", $1); print $1; exit }')
eventually 10 rekey >/dev/null
check truth-client-rekeying truth client ESTABLISHED
check truth-server-rekeying truth server ESTABLISHED
check truth-rekeyed eventually 20 eval 'truth client ESTABLISHED && [[ $(last client) != "$before" ]]'
override add tcp 10
eventually 10 latch alice 'FAILED \(BROKEN\)' >/dev/null
check truth-broken truth client BROKEN
override delete tcp
eventually 40 latch alice ESTABLISHED 7300 >/dev/null
check truth-recovered truth client ESTABLISHED
check watch-client told_events client 'ESTABLISHED BROKEN .*ESTABLISHED'
check watch-server told_events server ESTABLISHED
cleanup_servers $holders
eventually 15 nothing_left alice >/dev/null

# ---- the same for datagrams, with the library under btns-run; also through the NAT, and after a rekey ----
holders=''
hold udp-server bob udp-accept 7302
hold udp-nat-server bob udp-accept 7303
for port in 7302 7303; do eventually 30 udp_open bob $port; done
hold udp-client alice udp-connect 10.77.0.2 7302
hold udp-nat-client carol udp-connect 10.77.0.2 7303
for end in server nat-server client nat-client; do check "udp-$end-holds" holds_on udp-$end; done
check udp-sender grep -qxF "from $(key alice)" "$scratch/udp-server.told"
check udp-nat-sender grep -qxF "from $(key carol)" "$scratch/udp-nat-server.told"
check truth-udp-client truth udp-client ESTABLISHED
check truth-udp-server truth udp-server ESTABLISHED
check truth-udp-nat-client eval 'truth udp-nat-client ESTABLISHED && [[ $(last udp-nat-client) == *nat=1* ]]'
check truth-udp-nat-server eval 'truth udp-nat-server ESTABLISHED && [[ $(last udp-nat-server) == *"nat=2 outer=10.77.0.77 inner=192.168.77.2" ]]'
before=$(last udp-client)
child=$(swan alice --list-sas 2>/dev/null | awk '/udp-7302.*INSTALLED/ { sub(":", "", $1); print $1; exit }')
eventually 10 rekey >/dev/null
check truth-udp-rekeyed eventually 20 eval 'truth udp-client ESTABLISHED && [[ $(last udp-client) != "$before" ]] && truth udp-server ESTABLISHED'
check watch-udp-server told_events udp-server ESTABLISHED
override add udp 10
check watch-udp-broken eventually 10 told_events udp-client 'ESTABLISHED BROKEN'
check truth-udp-broken truth udp-client BROKEN
override delete udp
check watch-udp-recovered eventually 40 told_events udp-client 'ESTABLISHED BROKEN .*ESTABLISHED'
cleanup_servers $holders
eventually 15 nothing_left alice >/dev/null

# ---- a listener's policy and peer ----
on bob "${python[@]}" "$py/listen_for.py" 7200 "$(key alice)" >"$scratch/came" 2>&1 & servers=" $!"
eventually 10 port_open bob 7200
check listener-lets-in eval '[[ $(on alice "${python[@]}" "$py/who_is_it.py" 10.77.0.2 7200 "$(key bob)" | tail -1) == "$(key bob)" ]]'
check listener-told eventually 10 eval '[[ $(cat "$scratch/came") == "$(key alice)" ]]'
check listener-drops-clear drops bob on mallory curl -sS -m 600 http://10.77.0.2:7200/
# by PROGRAM PEER: the program names this peer
by() { on alice env LD_LIBRARY_PATH="$BTNS_BUILD" "$programs/$1" 10.77.0.2 7200 "$2" | tee /dev/stderr; }
for program in who-rs who-go; do
    [[ -x $programs/$program ]] || continue
    check $program-who eval 'by $program "$(key bob)" | grep -qF "$(key bob)"'
    check $program-refuses eval 'by $program "$(key alice)" | grep -q "^errno 1: "'
done
check go-goes-on eval '[[ ! -x $programs/who-go ]] || by who-go "$(key bob)" | grep -x "connected to 10.77.0.2:7200"'

# ---- the example ----
kv() { on "$1" "$programs/kv" "${@:2}" 2>&1 | tee /dev/stderr; }
kv_serve() { # kv_serve HOST: its pid in $server
    on "$1" "$programs/kv" serve 7100 "$scratch/$1.clients" >>"$scratch/$1.log" 2>&1 & server=$!
    eventually 10 port_open "$1" 7100
}
known() { wc -l <"$scratch/$1"; }
get() { kv "$1" get "$2" 7100 "$scratch/$1.servers" fruit; }
kv_serve bob
check kv-set eval '[[ $(kv alice set 10.77.0.2 7100 "$scratch/alice.servers" fruit apple) == ok ]]'
check kv-get eval '[[ $(get alice 10.77.0.2) == apple ]]'
cleanup_servers $server
kv_serve bob
check kv-again eval '[[ $(get alice 10.77.0.2) == "(nothing)" ]]'
check kv-remembers eval '[[ $(known alice.servers) == 1 && $(known bob.clients) == 1 ]]'
check kv-drops-clear drops bob on mallory curl -sS -m 600 http://10.77.0.2:7100/
eventually 15 nothing_left alice >/dev/null

# ---- mallory, with a key of his own ----
up mallory
check listener-refuses eval '! on mallory btns-run curl -sS -m 600 http://10.77.0.2:7200/ && ! grep -vxF "$(key alice)" "$scratch/came"'
servers+=" $server"
kv_serve mallory; servers+=" $server"
on alice btnsctl forget 10.77.0.2 >/dev/null
on bob ip link set eth0 down
on mallory ip addr add 10.77.0.2/24 dev eth0
on alice ip neigh flush all
check kv-client-refuses eval 'get alice 10.77.0.2 | grep "Operation not permitted"'
check kv-client-silent eval '[[ ! -s $scratch/mallory.log && ! -e $scratch/mallory.clients && $(known alice.servers) == 1 ]]'
on mallory ip addr del 10.77.0.2/24 dev eth0
on bob ip link set eth0 up
on alice ip link set eth0 down
on mallory ip addr add 10.77.0.1/24 dev eth0
on mallory ip addr del 10.77.0.66/24 dev eth0
on bob ip neigh flush all
on bob btnsctl forget 10.77.0.1 >/dev/null
check kv-server-refuses eval 'get mallory 10.77.0.2 | grep "does not answer" && grep "refused: 10.77.0.1 is another one than before: .*$(key mallory)" "$scratch/bob.log"'
check kv-server-keeps eval '[[ $(known bob.clients) == 1 ]]'
cleanup_servers $servers
