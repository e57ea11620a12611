# Rules that demand a certificate of the peer. openssl makes the certificates; charon and btnsd check them.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/identity-lib.sh"
. "$BTNS_REPO/test/lab/talk.sh"

# ---- a small public key infrastructure ----
pki=$scratch/pki
mkdir -p "$pki"
new_key() { # new_key NAME ec|rsa|ed25519
    case $2 in
    ec) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$pki/$1.key" ;;
    rsa) openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$pki/$1.key" ;;
    *) openssl genpkey -algorithm ED25519 -out "$pki/$1.key" ;;
    esac 2>/dev/null
}
new_ca() { # new_ca NAME [CN]
    new_key "$1" ec
    openssl req -x509 -new -key "$pki/$1.key" -subj "/O=Lab/CN=${2-$1}" -days 30 -out "$pki/$1.crt" \
        -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}
# certify CA NAME SAN [not-before not-after]: NAME.crt for NAME.key; for CN=bob, where NAME is bob-SOMETHING
certify() {
    local ca=$1 name=$2 days=(-days 20)
    printf 'basicConstraints=CA:FALSE\nsubjectAltName=%s\nkeyUsage=digitalSignature\n' "$3" >"$pki/ext"
    openssl req -new -key "$pki/$name.key" -subj "/O=Lab/CN=${name%%-*}" -out "$pki/csr" 2>/dev/null
    [[ -z ${4-} ]] || days=(-not_before "$4" -not_after "$5")
    if [[ -n ${4-} ]]; then
        openssl ca -batch -config "$pki/ca.cnf" -name ca -cert "$pki/$ca.crt" -keyfile "$pki/$ca.key" -in "$pki/csr" \
            -out "$pki/$name.crt" -startdate "$4" -enddate "$5" -extfile "$pki/ext" -notext 2>/dev/null
    else
        openssl x509 -req -in "$pki/csr" -CA "$pki/$ca.crt" -CAkey "$pki/$ca.key" -CAcreateserial \
            "${days[@]}" -extfile "$pki/ext" -out "$pki/$name.crt" 2>/dev/null
    fi
}
printf '[ca]\nnew_certs_dir=%s\ndatabase=%s/index\nserial=%s/serial\ndefault_md=sha256\npolicy=p\n[p]\norganizationName=supplied\ncommonName=supplied\n' \
    "$pki" "$pki" "$pki" >"$pki/ca.cnf"
: >"$pki/index"; echo 1000 >"$pki/serial"

new_ca ca; new_ca other; new_ca false ca # of the same subject as ca
new_key alice ec; certify ca alice DNS:alice.lab,email:alice@lab
new_key bob rsa; certify ca bob DNS:bob.lab
new_key bob-other ec; certify other bob-other DNS:bob.lab
new_key bob-old ec; certify ca bob-old DNS:bob.lab 20200101000000Z 20200201000000Z
cp "$pki/bob.key" "$pki/bob-renewed.key"; certify ca bob-renewed DNS:bob.lab
new_key bob-rekeyed rsa; certify ca bob-rekeyed DNS:bob.lab
new_key mallory ec; certify ca mallory DNS:mallory.lab
new_key bob-false ec; certify false bob-false DNS:bob.lab

# give HOST NAME: installs that certificate and key as the host's own
give() {
    on "$1" sh -c "cat >/etc/btns/host.crt; chmod 644 /etc/btns/host.crt" <"$pki/$2.crt"
    on "$1" sh -c "umask 077; cat >/etc/btns/host.crt.key" <"$pki/$2.key"
    on "$1" btnsctl reload
}
# demand HOST 'ID' [CA]: ports 8443 and 8444, in both roles, for a certificate; anything else for any key
demand() {
    on "$1" sh -c "mkdir -p /etc/btns/ca; cat >/etc/btns/ca/lab.pem; chmod 644 /etc/btns/ca/lab.pem" <"$pki/${3-ca}.crt"
    set_policy "$1" <<CONF
format = 1
profile "cert" { identity = certificate ca = "/etc/btns/ca/lab.pem" timeout = 60 $2 }
profile "any" { identity = any-key timeout = 60 }
program "test" {
  match = { "*" }
  rule "certified" { port = { 8443, 8444 } action = protect profile = "cert" }
  rule "rest" { action = protect profile = "any" }
}
CONF
}
any_of_ca='permit = { any-of-ca }'
kill_charon() { kill "$(pid_of "$1" charon_pid)"; }
kill_and_start() { kill_btnsd "$1"; up "$1"; }

export BTNSD_OPTS="--linger 1${VERBOSE:+ --verbose}"
forget_ended alice bob mallory
for host in alice bob mallory; do on $host sysctl -qw net.ipv4.tcp_orphan_retries=1; done
patient alice bob mallory
up alice bob mallory
demand bob 'id = "alice@lab"'
demand alice 'id = "bob.lab"'
demand mallory "$any_of_ca"
serve bob 8443 "$www"; served_cert=$served
serve bob 8000 "$www"; served_open=$served
serve mallory 8443 "$evil"; served_evil=$served
on bob btns-run python3 "$py/accept_once.py" 8444 & served_once=$!
eventually 10 port_open bob 8444

check no-own-certificate fails 'no certificate of its own' alice bob:8443/
give alice alice; give bob bob; give mallory mallory

# ---- both prove their certificates ----
wire bob start
# The responder reads the certificate before it takes the proof: until then the attempt goes on.
check certified-fetches eval '[[ $(fetch alice bob:8443/) == "hello from bob" ]]'
talk_start alice 10.77.0.2 8444; talk=$started
certified() { latch alice ESTABLISHED '10.77.0.2:8444 .*CN ?= ?bob'; }
check certified-latched eventually 8 certified
check certified-how eval 'on alice btnsctl latches --json | holds "any(l[\"authentication\"] == \"certificate\" and \"CN=bob\" in (l[\"subject\"] or \"\").replace(\" \", \"\") and l[\"authority\"] == \"/etc/btns/ca/lab.pem\" and l[\"key\"].startswith(\"sha256:\") for l in v)"'
check certified-how-server eval 'on bob btnsctl latches --json | holds "any(l[\"authentication\"] == \"certificate\" and \"CN=alice\" in (l[\"subject\"] or \"\").replace(\" \", \"\") for l in v)"'
# libbtns reports of the connection: the rule's profile, the certificate and its authority.
for name in bob ca; do openssl x509 -in "$pki/$name.crt" -outform DER -out "$scratch/$name.der"; done
authority=$(openssl x509 -in "$pki/ca.crt" -noout -subject -nameopt oneline,-space_eq | sed 's/^subject=//; s/ //g')
check certified-channel eval '[[ $(on alice env LD_LIBRARY_PATH="$BTNS_BUILD" PYTHONPATH="$BTNS_REPO/libapi/python" btns-run python3 "$py/certified_channel.py" 10.77.0.2 8443 "$scratch/bob.der" "$scratch/ca.der" | tee /dev/stderr | xargs) == "cert O=Lab,CN=bob $authority True True" ]]'
check any-key-elsewhere fails 'latched to' alice bob:8000/

# ---- btnsd killed and started again, at either end; a renewed certificate of the same key; another key ----
give bob bob-renewed
kill_and_start bob
check certified-server-restart eval 'talk_goes_on alice && certified'
check floor-known-again eventually 30 eval '[[ $(fetch alice bob:8443/) == "hello from bob" ]]'
kill_and_start alice
check certified-client-restart eval 'talk_goes_on alice && eventually 40 certified'
check certified-still-how eval 'on alice btnsctl latches --json | holds "any(l[\"authentication\"] == \"certificate\" and l[\"authority\"] == \"/etc/btns/ca/lab.pem\" and l[\"remote_port\"] == 8444 for l in v)"'
give bob bob-rekeyed
kill_charon bob
check rekeyed-breaks eventually 40 latch alice FAILED '10.77.0.2:8444'
check rekeyed-says-why eventually 40 eval 'on alice btnsctl latches | tee /dev/stderr | grep -qE "another key than that of the certificate|did not prove it"'
# The audit log names the hash of the latched certificate's key, and does not call it an Ed25519 key.
check certified-is-the-key eval 'hash=$(openssl pkey -in "$pki/bob.key" -pubout -outform DER | openssl dgst -sha256 -binary | base64); on alice grep -F latch-broken /var/log/btns/audit.jsonl | tee /dev/stderr | grep -F "sha256:$hash" && ! on alice grep -F "ed25519:$hash" /var/log/btns/audit.jsonl'
kill $talk $served_once; wait $talk $served_once 2>/dev/null || true
quiet alice

# ---- what is refused, at the client ----
give bob bob-other
check wrong-ca fails 'not of the authority|refused authentication' alice bob:8443/
give bob bob-old
check expired fails 'expired|refused authentication' alice bob:8443/
give bob bob
# The key of bob's certificate is revoked at alice: the file's lines have keys as the audit log shows them.
etc=/proc/$(<"$BTNS_LAB/hosts/alice.pid")/root/etc/btns
demand alice 'id = "O=Lab, CN=bob"'
echo "sha256:$(openssl pkey -in "$pki/bob.key" -pubout -outform DER | openssl dgst -sha256 -binary | base64)" >"$etc/revoked_keys"
on alice btnsctl reload
check revoked-certificate fails 'key of the certificate that 10.77.0.2 has, sha256:.* is revoked .*revoked_keys:1' alice bob:8443/
rm "$etc/revoked_keys"
on alice btnsctl reload
demand alice 'id = "carol.lab"'
check wrong-id fails 'not one as asked for \(certificate carol.lab' alice bob:8443/
demand alice 'id = "O=Lab, CN=bob"'
check dn-fetches eval '[[ $(fetch alice bob:8443/) == "hello from bob" ]]'
quiet alice

# ---- and at the server: another's certificate, of the same authority; and a key without one ----
: >"$RESULTS.d/server-bob-8443"
hurried mallory
check other-kept-out fails 'does not protect|did not prove|refused authentication' mallory bob:8443/
drop_policy mallory
check key-kept-out fails 'does not protect|did not prove' mallory bob:8443/
check kept-out-not-served eval '! grep GET "$RESULTS.d/server-bob-8443"'
check kept-out-no-guard eval '! on bob ip -o xfrm policy | grep "sport 8443" | grep "priority 100 " | grep 10.77.0.66'
check key-in-elsewhere eval '[[ $(fetch mallory bob:8000/) == "hello from bob" ]]'
wire bob stop
check nothing-clear no_clear bob 8443
quiet bob 10.77.0.66

# ---- any certificate of the authority, when that is written out ----
demand bob "$any_of_ca"
demand mallory "$any_of_ca"
check any-of-ca eval '[[ $(fetch mallory bob:8443/) == "hello from bob" ]]'
quiet mallory

# ---- mallory on bob's address: his own certificate of that authority; bob's name by his own authority; a key ----
demand alice 'id = "bob.lab"'
: >"$RESULTS.d/server-mallory-8443"
wire mallory start
take_address bob
check other-id-on-his-address fails 'not one as asked for \(certificate bob.lab' alice bob:8443/
give mallory bob-false
# alice's charon still has the expired certificate of that subject, and tries that as well.
check false-authority fails 'not of the authority|refused authentication|expired' alice bob:8443/
on mallory sh -c 'rm /etc/btns/host.crt; btnsctl reload'
check key-on-his-address fails 'no certificate' alice bob:8443/
check mallory-not-asked eval '! grep GET "$RESULTS.d/server-mallory-8443"'
wire mallory stop
check mallory-nothing-clear no_clear mallory 8443
cleanup_servers $served_cert $served_open $served_evil
