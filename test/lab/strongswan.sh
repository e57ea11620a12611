# Sourced: a strongSwan as an administrator runs it, on each host, with certificates of one CA, and no btnsd in it.

swan=$scratch/swan
mkdir -p "$swan"
openssl req -quiet -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=lab/CN=lab CA" -days 30 \
    -keyout "$swan/ca.key" -out "$swan/ca.pem" 2>/dev/null ||
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=lab/CN=lab CA" -days 30 \
        -keyout "$swan/ca.key" -out "$swan/ca.pem" 2>/dev/null

# swan_certificate HOST: HOST.lab's, of the CA
swan_certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/O=lab/CN=$1.lab" \
        -keyout "$swan/$1.key" -out "$swan/$1.csr" 2>/dev/null
    printf 'subjectAltName=DNS:%s.lab\n' "$1" >"$swan/ext"
    openssl x509 -req -in "$swan/$1.csr" -CA "$swan/ca.pem" -CAkey "$swan/ca.key" -CAcreateserial -days 20 \
        -extfile "$swan/ext" -out "$swan/$1.pem" 2>/dev/null
}

# swan_connection HOST OWN PEER ID NAME SUITE [psk]: HOST's connection NAME from address OWN to address PEER of identity ID
swan_connection() {
    local local="auth = pubkey; certs = $swan/$1.pem; id = $1.lab" remote="auth = pubkey; id = $4; cacerts = $swan/ca.pem"
    [[ ${7-} != psk ]] || { local="auth = psk; id = $1.psk"; remote="auth = psk; id = $4"; }
    printf '%s {\n version = 2\n local_addrs = %s\n remote_addrs = %s\n proposals = aes256gcm16-prfsha256-x25519\n' "$5" "$2" "$3"
    printf ' local {\n%s\n }\n remote {\n%s\n }\n' "${local//; /$'\n'}" "${remote//; /$'\n'}"
    printf ' children {\n web {\n mode = transport\n esp_proposals = %s\n rekey_time = 0\n }\n }\n}\n' "$6"
}

# swan_start HOST: with the connections on standard input; $swan_pid[HOST]
declare -A swan_pid
swan_start() {
    local host=$1
    [[ -s $swan/$host.pem ]] || swan_certificate "$host"
    install -D -m 600 "$swan/$host.key" "$swan/$host/private/own.key"
    cat >"$swan/$host.strongswan.conf" <<CONF
charon {
  load = random nonce openssl kdf pem pkcs1 pkcs8 x509 pubkey constraints kernel-netlink socket-default vici
  install_routes = no
  retransmit_tries = 2
  retransmit_timeout = 1
  filelog { stderr { default = 1
      knl = 1 } }
  plugins { vici { socket = unix:///run/charon.vici } }
}
CONF
    {
        echo "connections {"
        cat
        printf '}\nsecrets {\n ike-all {\n secret = "laboratory"\n }\n}\n'
    } >"$swan/$host/swanctl.conf"
    swan_run "$host"
}
swan_ctl() { local host=$1; shift; on "$host" env STRONGSWAN_CONF="$swan/$host.strongswan.conf" swanctl "$@" --uri unix:///run/charon.vici; }
swan_run() {
    on "$1" rm -f /run/charon.pid /run/charon.vici
    STRONGSWAN_CONF="$swan/$1.strongswan.conf" on "$1" /usr/lib/ipsec/charon >>"$RESULTS.d/charon-$1" 2>&1 </dev/null &
    swan_pid[$1]=$!
    eventually 10 on "$1" test -S /run/charon.vici
    swan_ctl "$1" --load-all --file "$swan/$1/swanctl.conf" >>"$RESULTS.d/charon-$1" 2>&1
}
# swan_end HOST SIGNAL
swan_end() {
    on "$1" sh -c 'kill -'"$2"' "$(cat /run/charon.pid)"'
    wait "${swan_pid[$1]}" 2>/dev/null || true
}
