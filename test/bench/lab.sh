# The measurements that need ESP and two hosts. Run by btns-lab, in user-mode Linux if the kernel has no ESP.
set -euo pipefail
RESULTS=$BENCH_WORK/results
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/bench/common.bash"

net=$BENCH_BUILD/net shim=$BTNS_BUILD/libbtns-shim.so
bob=10.77.0.2
rounds=${BENCH_ROUNDS:-9}
background=()

client() { on alice "$net" "$1" $bob "${@:2}"; }
shimmed() { on alice env LD_PRELOAD="$shim" "$net" "$1" $bob "${@:2}"; }

# in_background WORD COMMAND...: starts COMMAND and returns when it has printed WORD; its output is in the file $said.
# COMMAND must be a program, not a function, so that the process id is the program's own.
in_background() {
    local word=$1
    shift
    said=$(mktemp -p "$scratch")
    "$@" >"$said" &
    background+=($!)
    until_line "$said" "$word"
}

end_background() {
    ((${#background[@]} == 0)) || cleanup_servers "${background[@]}"
    background=()
}

# An open connection keeps its guard, whatever other connections come and go.
hold() { in_background held on alice env LD_PRELOAD="$shim" "$net" hold $bob "$1"; }

# ---- connect, data: with and without the shim, through the same guard ----

connect_a() { sample connect-esp A "$(field 1 shimmed connect 7000 100)"; }
connect_b() { sample connect-esp B "$(field 1 client connect 7000 100)"; }
data_a() { sample data-esp A "$(field 1 shimmed msg 7000 800)"; }
data_b() { sample data-esp B "$(field 1 client msg 7000 800)"; }

connects() { hold 7000; pairs $((rounds * 2)) connect_a connect_b; end_background; }
data() { hold 7000; pairs $((rounds * 2)) data_a data_b; end_background; }

# ---- libbtns: questions about a connection over ESP ----

asks() { on alice "$BENCH_BUILD/library" $bob "$1" 100 "$2"; }
library() {
    local round what
    hold 7000
    for ((round = 0; round < rounds; round++)); do
        for what in channel who; do
            sample library-$what-esp A "$(asks 7000 $what)"
            sample library-$what-esp B "$(asks 7300 $what)"
        done
    done
    end_background
}

# ---- bulk: through a guard, through ESP by hand, in the clear ----

key=0x$(printf '%02x' {1..36})
by_hand() { # OWN PEER OUTWARDS INWARDS: where ports 7101 of TCP and 7102 of UDP stand in packets either way
    local state="proto esp reqid 7 mode transport replay-window 32 aead rfc4106(gcm(aes)) $key 128"
    local template='tmpl proto esp reqid 7 mode transport' service
    echo "xfrm state add src 10.77.0.1 dst $bob spi 0x1001 $state"
    echo "xfrm state add src $bob dst 10.77.0.1 spi 0x1002 $state"
    for service in 'tcp 7101' 'udp 7102'; do
        set -- "$1" "$2" "$3" "$4" $service
        echo "xfrm policy add src $1 dst $2 proto $5 $3 $6 dir out $template"
        echo "xfrm policy add src $2 dst $1 proto $5 $4 $6 dir in $template"
    done
}

undo() {
    sed 's/state add \(.* spi 0x[0-9]*\) .*/state delete \1 proto esp/; s/policy add \(.*\) tmpl .*/policy delete \1/'
}

hand_up() {
    local i
    by_hand 10.77.0.1 $bob dport sport >"$scratch/alice.xfrm"
    by_hand $bob 10.77.0.1 sport dport >"$scratch/bob.xfrm"
    for i in alice bob; do on $i ip -batch - <"$scratch/$i.xfrm"; done
}
hand_down() { local i; for i in alice bob; do undo <"$scratch/$i.xfrm" | on $i ip -batch -; done; }

bulk_round() {
    local guard
    guard=$(shimmed bulk 7001 1200)
    sample bulk-plain A "$guard"
    sample bulk-clear A "$guard"
    sample bulk-plain B "$(client bulk 7101 1200)"
    sample bulk-clear B "$(client bulk 7201 1200)"
}

bulk() {
    local i
    hand_up
    shimmed bulk 7001 100 >/dev/null
    for ((i = 0; i < rounds - 2; i++)); do bulk_round; done
    hand_down
}

# ---- datagrams to a known destination: through a guard, through ESP by hand, in the clear ----

# The alternative without IPsec: a program that protects its datagrams itself, by OpenSSL.
dtls() { on alice "$BENCH_BUILD/dtls" $bob 7302 800; }

# The guard stays between two rounds: it lingers.
datagrams_round() {
    local guard
    guard=$(field 1 shimmed udp 7000 800)
    for row in esp plain clear dtls; do sample data-udp-$row A "$guard"; done
    sample data-udp-esp B "$(field 1 client udp 7000 800)"
    sample data-udp-plain B "$(field 1 client udp 7102 800)"
    sample data-udp-clear B "$(field 1 client udp 7202 800)"
    sample data-udp-dtls B "$(dtls)"
}

datagrams() {
    local i
    hand_up
    shimmed udp 7000 10 >/dev/null
    [[ $(on alice ip xfrm policy) == *"proto udp dport 7000"* ]]
    in_background ready on bob "$BENCH_BUILD/dtls" serve 7302
    for ((i = 0; i < rounds * 2; i++)); do datagrams_round; done
    end_background
    hand_down
}

# ---- many connections in one guard ----

entries() { on alice ip xfrm policy | grep -c '^src.*/'; }
latches() { on alice btnsctl latches | grep -c ESTABLISHED; }

pings() { # ROW COMMAND...
    local row=$1 alone among
    shift
    in_background held "$@"
    while read -r alone among; do
        [[ $alone != held ]] || break
        sample "$row" A "$among"
        sample "$row" B "$alone"
    done <"$said"
}

many() {
    local spd count=2000
    hold 7000
    spd=$(entries)
    pings many-ping on alice env LD_PRELOAD="$shim" "$net" many $bob 7000 $count 500 3
    sample many-spd A "$(entries)"
    sample many-spd B "$spd"
    (($(latches) >= count))
    end_background
    pings many-clear on alice "$net" many $bob 7300 $count 500 3
    end_background
}

# ---- rekey: both roles, under load ----

counter() { on "$1" nstat -asz "$2" | awk -v n="$2" '$1 == n { print $2 }'; }
lost() { echo $(($(counter alice TcpRetransSegs) + $(counter bob TcpRetransSegs))); }
swan() { on "$1" swanctl "${@:2}" --uri unix:///run/btns/ike/charon.vici; }

# rekeyed HOST CHILD: rekeys; fails while another rekey is under way
rekeyed() { swan "$1" --rekey --child "$2" >"$scratch/rekey" && cat "$scratch/rekey" >>"$scratch/rekey.log"; }
old_gone() { (($(sas alice) <= $1 && $(sas bob) <= $1)); }

rekey() {
    local child before finished i n worst load many
    hold 7000
    many=$(sas alice)
    client load 7000 "$scratch/stop" >"$scratch/load" & load=$!
    child=$(swan alice --list-sas | awk '/INSTALLED/ { sub(":", "", $1); print $1; exit }')
    before=$(lost)
    for ((i = 0; i < 10; i++)); do
        eventually 10 rekeyed alice "$child"
        eventually 10 rekeyed bob in
    done
    eventually 20 old_gone "$many" # the old inbound SAs are kept for 5 s
    touch "$scratch/stop"
    wait $load
    finished=$(grep -c 'rekey completed successfully' "$scratch/rekey.log")
    read -r n worst <"$scratch/load"
    progress "rekey: $n round trips over $finished rekeys"
    ((finished == 20))
    sample rekey-lost A $(($(lost) - before))
    sample rekey-worst A "$(awk "BEGIN { print $worst / 1000 }")"
    end_background
}

# ---- first connections: against TLS in the clear, and a plain strongSwan trap policy ----

# parts CONNECTED: how the time until then divides, in ms, by the capture: our host before its first message; its work
# before each IKE_SA_INIT, and before each IKE_AUTH; the peer and the link; our host after the last answer; the TCP
# handshake
parts() {
    tcpdump -nnttr "$(wire alice file)" 2>/dev/null | awk -v connected="$1" '
        { now = $1 * 1000 }
        /isakmp/ && !begun { begun = before = now }
        /isakmp: .*ikev2_init\[I\]/ { load += now - before; before = now }
        /isakmp: .*ikev2_auth\[I\]/ { own += now - before; before = now }
        /isakmp: .*\[R\]/ { peer += now - before; before = now }
        /ESP\(/ && !up { up = now }
        /ESP\(/ && $3 == "'$bob'" { answered = now; exit }
        END {
            if (!answered) exit 1
            print connected - (answered - begun), load, own, peer, up - before, answered - up
        }'
}

# sample_parts known|unknown CONNECTED
sample_parts() {
    local ask load own peer up tcp
    read -r ask load own peer up tcp < <(parts "$2")
    sample "first-$1-ask" A "$ask"
    sample "first-$1-load" A "$load"
    sample "first-$1-own" A "$own"
    sample "first-$1-peer" A "$peer"
    sample "first-$1-up" A "$up"
    sample "first-$1-tcp" A "$tcp"
}

# OpenSSL's time for the cryptography of one exchange, at both ends: two X25519 keys, a signature and its check each
first_crypto() {
    local x25519 sign verify
    x25519=$(on alice openssl speed -mr -seconds 1 ecdhx25519 2>/dev/null | awk -F: '/^\+F5/ { print $4 }')
    read -r sign verify < <(on alice openssl speed -mr -seconds 1 ed25519 2>/dev/null | awk -F: '/^\+F6/ { print $5, $6 }')
    sample first-crypto A "$(awk "BEGIN { print 1000 * 2 * (2 / $x25519 + 1 / $sign + 1 / $verify) }")"
}

# first_ours known|unknown: the first connection; microseconds to the first octet in $octet, to the connection in $connected
first_ours() {
    eventually 10 nothing_left alice
    eventually 10 nothing_left bob
    if [[ $1 == unknown ]]; then
        on alice btnsctl forget $bob >/dev/null 2>&1 || true
        on bob btnsctl forget 10.77.0.1 >/dev/null 2>&1 || true
    fi
    read -r octet connected < <(shimmed first 7000)
}

first_timed() {
    first_ours "$1"
    sample "first-$1-ms" A "$(awk "BEGIN { print $octet / 1000 }")"
}

first_counted() {
    wire alice start
    first_ours "$1"
    wire alice stop
    sample "first-$1-rt" A "$(exchanges alice)"
    sample_parts "$1" "$(awk "BEGIN { print $connected / 1000 }")"
}

first_tls() { sample first-tls-ms A "$(on alice "$BENCH_BUILD/tls" $bob 7443 | awk '{ print $1 / 1000 }')"; }

first_clear() {
    eventually 10 nothing_left alice
    eventually 10 nothing_left bob
    sample first-clear-ms A "$(field 1 client first 7000 | awk '{ print $1 / 1000 }')"
}

start_tls() {
    openssl req -x509 -newkey ed25519 -nodes -keyout "$scratch/key" -out "$scratch/cert" -subj /CN=bob -days 2 2>/dev/null
    on bob openssl s_server -rev -quiet -accept 7443 -key "$scratch/key" -cert "$scratch/cert" >/dev/null 2>&1 &
    background+=($!)
    eventually 10 port_open bob 7443
}

# swanctl_conf OWN PEER HERE THERE ACTION: as in strongSwan's own examples
swanctl_conf() {
    cat <<END
connections {
  t {
    version = 2
    local_addrs = $1
    remote_addrs = $2
    proposals = aes256gcm16-prfsha256-x25519
    local {
      auth = psk
    }
    remote {
      auth = psk
    }
    children {
      c {
        mode = transport
        local_ts = dynamic[$3]
        remote_ts = dynamic[$4]
        start_action = $5
        esp_proposals = aes256gcm16
      }
    }
  }
}
secrets {
  ike-t {
    secret = "bench"
  }
}
END
}

plain_charon() { # HOST: with the configuration on standard input
    local vici=unix:///run/charon.vici
    cat >"$scratch/$1.conf"
    printf '%s\n' 'charon {' 'install_routes = no' \
        'load = random nonce openssl curve25519 kdf kernel-netlink socket-default vici' \
        'plugins {' 'vici {' "socket = $vici" '}' '}' '}' >"$scratch/strongswan.conf"
    on "$1" env STRONGSWAN_CONF="$scratch/strongswan.conf" /usr/lib/ipsec/charon >"$scratch/$1.charon" 2>&1 &
    background+=($!)
    eventually 10 on "$1" test -S /run/charon.vici
    eventually 10 on "$1" swanctl --load-all --file "$scratch/$1.conf" --uri $vici
}

first_trap() {
    eventually 10 eval '[[ $(sas alice) == 0 && $(sas bob) == 0 ]]'
    sample first-trap-ms A "$(field 1 client first 7000 | awk '{ print $1 / 1000 }')"
    on alice swanctl --terminate --ike t --uri unix:///run/charon.vici >/dev/null
}

# Ours and TLS in turn; the trap's charons need the ports that btnsd's have, so they follow.
firsts() {
    local i
    export BTNSD_OPTS='--linger 0'
    down alice bob; up alice bob
    start_tls
    for ((i = 0; i < 5; i++)); do
        first_timed unknown; first_tls; first_timed known; first_clear
    done
    for ((i = 0; i < 5; i++)); do first_counted unknown; first_counted known; done
    first_crypto
    down alice bob
    on alice sysctl -qw net.core.xfrm_larval_drop=1 # as it is without btnsd
    swanctl_conf $bob 10.77.0.1 tcp/7000 tcp none | plain_charon bob
    swanctl_conf 10.77.0.1 $bob tcp tcp/7000 trap | plain_charon alice
    for ((i = 0; i < 5; i++)); do first_trap; done
}

start() {
    forget_ended alice bob
    DATAGRAM_PORT=7000 datagram_rules alice bob </dev/null
    up alice bob
    on bob "$net" serve echo:7000 sink:7001 sink:7101 sink:7201 echo:7300 udp:7000 udp:7102 udp:7202 >"$scratch/server" &
    server=$!
    until_line "$scratch/server" ready
}

start
group connect connects
group data data
group bulk bulk
group datagrams datagrams
group many many
group rekey rekey
group library library
group first firsts # last: it ends with btnsd away
cleanup_servers $server
