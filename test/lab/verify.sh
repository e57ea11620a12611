# btnsctl verify: tries each kind of rule, and reports one that does not hold.
. "$BTNS_REPO/test/lab/lib.sh"

mkdir "$scratch/www"
cat >"$scratch/10-test.conf" <<'CONF'
format = 1
program "tried" {
  match = { "/usr/bin/wget" }
  rule "never" { at = { connect } remote = { "10.77.0.2" } port = { 9 } action = discard }
  rule "open" { at = { connect } remote = { "10.77.0.66" } port = { 8000 } action = bypass }
  rule "datagrams" { protocol = udp  remote = { "10.77.0.2", "10.77.0.66" }  port = 5300  action = protect }
  rule "perhaps" { at = { connect } remote = { "10.77.0.66" } port = { 8001 } action = prefer }
  rule "behind" { at = { connect } remote = { "10.77.0.2" } port = { 9 } action = protect }
}
program "host" {
  match = { "/usr/bin/python3*" }
  rule "guests" { at = { accept } port = { 8001 } action = prefer }
}
CONF
for host in alice bob; do on $host cp "$scratch/10-test.conf" /etc/btns/policy.d/; done
patient alice bob
up alice bob
serve bob 8000 "$scratch/www"; protected=$served
serve bob 8001 "$scratch/www"; guests=$served
serve bob 8443 "$scratch/www" --clear; outside=$served
serve mallory 8000 "$scratch/www" --clear; clear=$served

# verified STATUS HOST TEXT ARG...: the output matches each line of TEXT, and the exit status is STATUS
verified() {
    local status=0 expected=$1 host=$2 text=$3 line
    shift 3
    on "$host" btnsctl verify "$@" >"$scratch/verify" 2>&1 || status=$?
    cat "$scratch/verify"
    while IFS= read -r line; do
        grep -qE -- "$line" "$scratch/verify" || { echo "not said: $line"; return 1; }
    done <<<"$text"
    ((status == expected)) || { echo "status $status"; return 1; }
}

check protect verified 0 alice 'ok +it decides
ok +the service answers
ok +on this host.s links: [1-9][0-9]* ESP packets, 0 in the clear
ok +it is latched to ed25519:.* with aes256gcm16
ok +a program that does not ask: [1-9][0-9]* ESP packets, 0 in the clear \(connected\)
^the rule holds$' curl/web bob:8000
check protect-v6 verified 0 alice 'ESP packets, 0 in the clear' curl/web '[fd77::2]:8000'
check protect-no-peer verified 1 alice 'FAILED +not protected, so it failed: .*IKE
ok +on this host.s links: 0 ESP packets, 0 in the clear
could not be shown to hold' curl/web mallory:8000
check discard verified 0 alice 'ok +btnsd refuses it: discarded by
ok +nothing of it left this host: 0 packets' tried/never
check bypass verified 0 alice 'ok +btnsd lets it be
links: 0 ESP packets, [1-9][0-9]* in the clear; the service answers' tried/open
check prefer verified 0 alice 'unprotected, as it allows' tried/perhaps
check shadowed verified 1 alice 'FAILED +tried/never \(.*10-test.conf:4\) decides .*, not this rule' tried/behind
check accept verified 0 bob 'ok +python3.* listens there, with a floor
ok +a stranger who calls in the clear gets no answer at all' python-http/server 10.77.0.2:8000
check accept-v6 verified 0 bob 'gets no answer at all' python-http/server '[fd77::2]:8000'
check accept-open verified 0 bob 'a stranger who calls in the clear is let in' host/guests 10.77.0.2:8001
check accept-outside verified 1 bob 'FAILED +no program listens there under btns' python-http/server 10.77.0.2:8443
check no-such-rule verified 1 alice "no rule of the host's policy is called 'nonsense'" nonsense
check ambiguous verified 1 alice 'two rules have that name: write' loopback bob:1
check which-target verified 2 alice 'say which HOST:PORT to try' curl/web
check datagrams verified 0 alice 'ok +btnsd: protected
ok +an empty datagram was sent
ok +on this host.s links: [1-9][0-9]* ESP packets, 0 in the clear
ok +it is latched to ed25519:.* with aes256gcm16
ok +a program that does not ask: [1-9][0-9]* ESP packets, 0 in the clear \(sent\)
^the rule holds$' tried/datagrams 10.77.0.2:5300
check datagrams-in verified 1 bob 'about datagrams that come in' --accept tried/datagrams
check json eval 'on alice btnsctl verify --json curl/web bob:8000 | holds "v[\"result\"] == \"verified\" and len(v[\"steps\"]) > 4 and v[\"port\"] == 8000"'
check root-only eval 'on alice setpriv --reuid=65534 --clear-groups btnsctl verify curl/web bob:8000 2>&1 | grep "root only"'
check nothing-stays eval '! on bob ip link show btns-verify'
cleanup_servers $protected $guests $outside $clear
