# TLS over protected connections: the draft's figure 15, and mallory, who has an IPsec channel with alice and another with bob
# and passes the TLS between them on. Neither has met the other before.
. "$BTNS_REPO/test/lab/lib.sh"

programs=$BTNS_BUILD/programs
patient alice bob mallory
forget_ended alice bob mallory
export BTNSD_OPTS="--linger 1"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$scratch/key" -out "$scratch/cert" -subj /CN=bob \
    -addext subjectAltName=DNS:bob -days 30 2>/dev/null

# tls_server PORT [OPTION...]: a server on $tls_host; writes what clients say to $scratch/heard-PORT
tls_host=bob
tls_server() {
    on "$tls_host" "$programs/hello-tls" "${@:2}" server "$1" "$scratch/cert" "$scratch/key" "$scratch/heard-$1" >"$scratch/served-$1" 2>&1 &
    servers+=" $!"
    eventually 10 port_open "$tls_host" "$1"
}
# client ADDRESS PORT FILE [OPTION...]
client() { on alice "$programs/hello-tls" "${@:4}" client "$1" "$2" bob "$scratch/cert" "$scratch/$3" | tee /dev/stderr; }
sent() { client "$@" | grep -qx 'hello: sent'; }
fails_with() { client "${@:2}" | grep -q "$1"; }
lines() { wc -l <"$scratch/heard-$1"; }
hears() { eventually 10 eval "[[ \$(lines $1) == $2 ]]"; }

up alice bob mallory
servers=''
tls_server 7443 --offer          # knows the extension
tls_server 7444                  # does not
tls_server 7445 --offer --tls1.2
for port in 7443 7444 7445; do
    on mallory btns-run python3 "$py/relay.py" "$port" 10.77.0.2 "$port" >"$scratch/relay-$port" 2>&1 &
    servers+=" $!"
    eventually 10 port_open mallory "$port"
done
wire bob start
wire mallory start

# ---- alice and bob, nobody in between ----
for version in 1.3 1.2; do
    port=$([[ $version == 1.3 ]] && echo 7443 || echo 7445)
    option=$([[ $version == 1.3 ]] || echo --tls1.2)
    check direct-$version eval "sent 10.77.0.2 $port direct-$version --offer $option"
    check again-$version eval "sent 10.77.0.2 $port direct-$version --offer $option"
    check heard-$version hears $port 2
done

# ---- only one side knows the extension ----
check only-client-plain sent 10.77.0.2 7444 one --offer --plain
check only-client-heard hears 7444 1
check only-client-asked fails_with '^hello: ENOLINK: ' 10.77.0.2 7444 none --offer
check only-server-plain sent 10.77.0.2 7443 one --plain
check only-server-heard hears 7443 3
check only-server-asked fails_with '^hello: ENOLINK: ' 10.77.0.2 7443 none

# ---- mallory is in between, at first contact ----
check relay-unnoticed sent 10.77.0.66 7444 unnoticed --plain # without the extension TLS works, and neither end is told
check relay-unnoticed-heard hears 7444 2
before=$(cat "$scratch"/relay-744[35] | wc -l)
check relay-found-1.3 fails_with '^hello: EPROTO: ' 10.77.0.66 7443 none --offer --plain
check relay-found-1.2 fails_with '^hello: EPROTO: ' 10.77.0.66 7445 none --offer --plain --tls1.2
check relay-relayed eval '[[ $(cat "$scratch"/relay-744[35] | wc -l) == $((before + 2)) ]]'
check relay-refused eval 'eventually 10 says "not served: .*in between" "$scratch/served-7443" && eventually 10 says "not served: .*in between" "$scratch/served-7445"'
check relay-nothing-kept test ! -e "$scratch/none"
check relay-nothing-heard eval '[[ $(lines 7443) == 3 && $(lines 7445) == 2 ]]'
wire bob stop
wire mallory stop
check wire-no-clear eval 'for p in 7443 7444 7445; do no_clear bob $p && no_clear mallory $p || exit 1; done'
cleanup_servers $servers
eventually 15 nothing_left alice >/dev/null

# ---- mallory at bob's own address, with bob's certificate and its key: only the channel tells them apart ----
servers='' tls_host=mallory
on bob ip link set eth0 down
on mallory ip addr add 10.77.0.2/24 dev eth0
on alice ip neigh flush all
on alice btnsctl forget 10.77.0.2 >/dev/null
for port in 7446 7447; do tls_server $port --offer $([[ $port == 7446 ]] || echo --tls1.2); done
wire mallory start
check taken-refuses-1.3 fails_with '^hello: EPERM: ' 10.77.0.2 7446 direct-1.3 --offer
check taken-refuses-1.2 fails_with '^hello: EPERM: ' 10.77.0.2 7447 direct-1.2 --offer --tls1.2
check taken-nothing-heard eval '[[ $(lines 7446) == 0 && $(lines 7447) == 0 && ! -s $scratch/served-7446 && ! -s $scratch/served-7447 ]]'
# A client that has stored nothing accepts mallory, and cannot notice.
check taken-first-contact sent 10.77.0.2 7446 new --offer
wire mallory stop
check taken-no-clear eval 'no_clear mallory 7446 && no_clear mallory 7447'
cleanup_servers $servers
