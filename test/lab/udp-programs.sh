# Programs that send datagrams, as Debian has them.
. "$BTNS_REPO/test/lab/lib.sh"
. "$BTNS_REPO/test/lab/udp-lib.sh"

# ---- programs ----
serves bob 5300 btns-run dnsmasq --no-daemon --port=5300 --no-resolv --no-hosts --conf-file=/dev/null --user=root --address=/lab.test/192.0.2.7
check dig eval '[[ $(on alice btns-run dig +short -p 5300 @10.77.0.2 www.lab.test) == 192.0.2.7 ]]'
check dig-6 eval '[[ $(on alice btns-run dig +short -p 5300 @fd77::2 www.lab.test) == 192.0.2.7 ]]'
# socat PORT SERVER CLIENT: a server that forks for each client, or for each datagram, in two of socat's modes
socat_pair() {
    local client status=0
    serves bob "$1" btns-run socat -T 3 "$2:$1,fork" EXEC:cat
    on alice btns-run socat -t 60 - "$3" <<<"by socat at $1" >"$scratch/socat-$1" 2>&1 & client=$!
    eventually 30 says "by socat at $1" "$scratch/socat-$1" || status=$?
    cleanup_servers $client
    return $status
}
check socat socat_pair 5302 UDP4-LISTEN UDP4:10.77.0.2:5302
check socat-6 socat_pair 5310 UDP6-LISTEN 'UDP6:[fd77::2]:5310'
check socat-each socat_pair 5311 UDP4-RECVFROM UDP4-SENDTO:10.77.0.2:5311
check socat-each-6 socat_pair 5312 UDP6-RECVFROM 'UDP6-DATAGRAM:[fd77::2]:5312'
on bob btns-run iperf3 -s -p 5303 >"$scratch/iperf3" 2>&1 & servers+=($!)
eventually 30 port_open bob 5303
check iperf3 eval 'on alice btns-run iperf3 -u -b 2M -t 2 -c 10.77.0.2 -p 5303 | grep -E "\(0(\.[0-9]+)?%\) +receiver"'
check iperf3-6 eval 'on alice btns-run iperf3 -u -P 4 -b 1M -t 1 -c fd77::2 -p 5303 | grep -E "SUM.* receiver"'
check iperf3-reverse eval 'on alice btns-run iperf3 -u -R -P 4 -b 1M -t 1 -c 10.77.0.2 -p 5303 | grep -E "SUM.* receiver"'
check iperf3-reverse-6 eval 'on alice btns-run iperf3 -u -R -P 4 -b 1M -t 2 -c fd77::2 -p 5303 | grep -E "SUM.* receiver"'
serves bob 5304 btns-run socat -u UDP6-RECV:5304 STDOUT
on alice btns-run logger -d -n 10.77.0.2 -P 5304 'a line of syslog'
check logger eventually 20 says 'a line of syslog' "$scratch/serves-bob-5304"
on alice btns-run logger -d -n fd77::2 -P 5304 'and a line of syslog by IPv6'
check logger-6 eventually 20 says 'a line of syslog by IPv6' "$scratch/serves-bob-5304"
# node_pair FAMILY PORT ADDRESS
node_pair() {
    serves bob "$2" btns-run node -e "
        const s = require('dgram').createSocket('$1');
        s.on('message', (m, r) => s.send('node got ' + m, r.port, r.address)); s.bind($2)"
    on alice btns-run node -e "
        const s = require('dgram').createSocket('$1');
        s.on('message', m => { console.log(String(m)); process.exit(0) }); s.send('hello', $2, '$3')" | grep 'node got hello'
}
check node node_pair udp4 5306 10.77.0.2
check node-6 node_pair udp6 5313 fd77::2
# QUIC, whose programs like to give the kernel many datagrams as one: it refuses that under a guard.
mkdir "$scratch/quic"
seq -f 'line %g by quic' 2000 >"$scratch/quic/file"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$scratch/quic.key" -out "$scratch/quic.crt" -subj /CN=bob 2>/dev/null
quic() { # quic PORT ADDRESS
    local where=$2
    [[ $where != *:* ]] || where="[$where]"
    mkdir "$scratch/got-$1"
    serves bob "$1" btns-run gtlsserver -q --max-gso-dgrams=16 "$2" "$1" "$scratch/quic.key" "$scratch/quic.crt" -d "$scratch/quic"
    on alice btns-run gtlsclient -q --exit-on-all-streams-close --download="$scratch/got-$1" "$2" "$1" "https://$where:$1/file"
    cmp "$scratch/quic/file" "$scratch/got-$1/file"
}
check quic quic 5307 10.77.0.2
check quic-6 quic 5308 fd77::2
if [[ -n $(type -P java) ]]; then
    answers bob 5309 btns-run
    check java eval 'on alice btns-run java -XX:TieredStopAtLevel=1 "$py/Datagrams.java" 10.77.0.2 5309 | grep "answer to by java"'
    check java-6 eval 'on alice btns-run java -XX:TieredStopAtLevel=1 "$py/Datagrams.java" fd77::2 5309 | grep "answer to by java"'
fi

# A source that the program names: another address of this host than the route's, and the route's.
for address in 10.77.0.11/24 fd77::11/64; do on alice ip addr add "$address" dev eth0 nodad; done
answers bob 5305 btns-run
from_all() { local source; for source; do on alice btns-run python3 "$py/datagrams.py" from "$source" "$to" 5305 | grep 'answer to 2' || return 1; done; }
check from eval 'to=10.77.0.2 from_all 10.77.0.11 10.77.0.1'
check from-6 eval 'to=fd77::2 from_all fd77::11 fd77::1'

went_in_esp 'portrange 5300-5319' 'portrange 5300-5319' 'by socat|line of syslog|node got|by java'
