# The shipped policies of programs that send datagrams, each with the programs it is for, IPv4 and IPv6; and DNS, which opts in.
. "$BTNS_REPO/test/lab/lib.sh"

for host in alice bob; do
    put_policy $host 10-dns.conf <<'RULES'
format = 1
program "dig" {
  match = { "/usr/bin/dig", "/usr/bin/delv" }
  rule "questions" { at = { connect }  remote = { "10.77.0.2", "fd77::2" }  protocol = { tcp, udp }  port = { 53 }  action = protect }
}
program "servers" {
  match = { "/usr/sbin/unbound" }
  rule "answers" { at = { accept }  protocol = { tcp, udp }  port = { 53 }  action = protect }
}
RULES
done
# Guards are looked for after their programs have ended, on a slow machine some time after.
linger=120
. "$BTNS_REPO/test/lab/udp-lib.sh"

# rule NAME HOST PROGRAM ADDRESS PORT RULE [OPTION...]: that shipped rule decides
rule() {
    local where=$4:$5
    [[ $4 != *:* ]] || where="[$4]:$5"
    on "$2" btnsctl explain -v "${@:7}" "$3" udp "$where" | tee /dev/stderr | grep -F "rule \"$6\""
}
# guarded ADDRESS PORT [WORD]: alice has a guard of that service of bob's; WORD: sport, of her own
guarded() { on alice ip -o xfrm policy | grep -F "dst $1/" | grep -E "${3-dport} $2 .*priority 100 "; }

# ---- unbound; dig and delv ----
cat >"$scratch/unbound.conf" <<'CONF'
server:
    interface: 10.77.0.2
    interface: fd77::2
    access-control: 0.0.0.0/0 allow
    access-control: ::/0 allow
    username: ""
    chroot: ""
    pidfile: ""
    use-syslog: no
    module-config: "iterator"
    local-data: "www.lab.test. A 192.0.2.7"
remote-control:
    control-enable: no
CONF
serves bob 53 btns-run unbound -d -c "$scratch/unbound.conf"
dns() { [[ $(on alice btns-run "$@" www.lab.test | tee /dev/stderr | tail -1) == 192.0.2.7 ]]; }
check dig dns dig +short @10.77.0.2
check dig-6 dns dig +short @fd77::2
check delv dns delv -i +short @10.77.0.2
check delv-6 dns delv -i +short @fd77::2
check dns-guarded guarded 10.77.0.2 53

# ---- chronyd at both ends, from port 123 to port 123; chronyc asks the other end's ----
for host in alice bob; do
    other=2
    [[ $host == alice ]] || other=1
    cat >"$scratch/chrony-$host.conf" <<CONF
server 10.77.0.$other iburst minpoll 0 maxpoll 0
server fd77::$other iburst minpoll 0 maxpoll 0
acquisitionport 123
local stratum 10
allow
cmdallow 10.77.0.0/24
cmdallow fd77::/64
bindcmdaddress 0.0.0.0
bindcmdaddress ::
bindcmdaddress /
pidfile $scratch/chrony-$host.pid
CONF
    on $host btns-run chronyd -x -d -u root -f "$scratch/chrony-$host.conf" >"$scratch/chronyd-$host" 2>&1 & servers+=($!)
done
check chronyd-bound eventually 20 eval 'bound alice 123 2 && bound bob 123 2'
check chrony-rule rule chrony alice /usr/sbin/chronyd 10.77.0.2 123 time
check chrony-server-rule rule chrony bob /usr/sbin/chronyd 10.77.0.2 123 time --accept
asks_time() { on alice btns-run chronyc -h "$1" -c "$2" | tee /dev/stderr; }
# chronyc gives up after 7 s, which include the first contact.
check chronyc eventually 60 eval 'asks_time 10.77.0.2 tracking | grep ,'
check chronyc-6 eventually 60 eval 'asks_time fd77::2 tracking | grep , && guarded fd77::2 323'
# Each has heard from the other, at both addresses: a reach of 7 (octal) are three answers.
reached() { on "$1" chronyc -n -h "$2" -c sources | tee /dev/stderr | awk -F, '$6 >= 7 { n++ } END { exit n != 2 }'; }
check chronyd-alice eventually 30 reached alice 127.0.0.1
check chronyd-bob eventually 30 reached bob 127.0.0.1
# The end whose first request was earlier is the client: bob, if it was his.
check chrony-guarded eventually 30 guarded 10.77.0.2 123 '[sd]port'

# ---- rsyslogd at both ends; logger ----
cat >"$scratch/collector.conf" <<CONF
module(load="imudp")
input(type="imudp" port="514")
action(type="omfile" file="$scratch/messages")
CONF
cat >"$scratch/forwarder.conf" <<CONF
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="$scratch/log")
action(type="omfwd" target="10.77.0.2" port="514" protocol="udp")
action(type="omfwd" target="fd77::2" port="514" protocol="udp")
CONF
serves bob 514 btns-run rsyslogd -n -f "$scratch/collector.conf" -i "$scratch/collector.pid"
on alice btns-run rsyslogd -n -f "$scratch/forwarder.conf" -i "$scratch/forwarder.pid" >"$scratch/forwarder" 2>&1 & servers+=($!)
check syslog-rule rule syslog alice /usr/bin/logger 10.77.0.2 514 messages
check syslog-server-rule rule syslog bob /usr/sbin/rsyslogd 10.77.0.2 514 messages --accept
eventually 20 test -S "$scratch/log"
on alice logger -u "$scratch/log" 'message by rsyslog'
check rsyslog eventually 30 eval '(($(grep -c "message by rsyslog" "$scratch/messages") == 2))'
on alice btns-run logger -d -n fd77::2 -P 514 'message by logger'
check logger eventually 30 says 'message by logger' "$scratch/messages"
check syslog-guarded eval 'guarded 10.77.0.2 514 && guarded fd77::2 514'

# ---- snmpd ----
printf '%s\n' 'agentaddress udp:161,udp6:161' 'rocommunity public' 'rocommunity6 public' 'sysName by-snmp' >"$scratch/snmpd.conf"
serves bob 161 btns-run snmpd -f -Lo -C -c "$scratch/snmpd.conf" -p "$scratch/snmpd.pid" -I system_mib,sysORTable
check snmp-rule rule snmp alice /usr/bin/snmpget 10.77.0.2 161 questions
check snmp-server-rule rule snmp bob /usr/sbin/snmpd 10.77.0.2 161 questions --accept
named() { on alice btns-run snmpget -v 2c -c public -t 20 -r 1 -m '' "$1" .1.3.6.1.2.1.1.5.0 | grep by-snmp; }
check snmp named 10.77.0.2
check snmp-6 named 'udp6:[fd77::2]'
check snmp-guarded eval 'guarded 10.77.0.2 161 && guarded fd77::2 161'

# ---- tftp: the server answers from another port ----
mkdir "$scratch/tftp"
seq -f 'line %g by tftp' 200 >"$scratch/tftp/file"
chmod -R a+rX "$scratch/tftp"
serves bob 69 btns-run in.tftpd -L -u root -a :69 -s "$scratch/tftp"
check tftp-rule rule tftp alice /usr/bin/tftp 10.77.0.2 4711 requests
check tftp-server-rule rule tftp bob /usr/sbin/in.tftpd 10.77.0.2 69 requests --accept
fetches() { on alice btns-run tftp -m binary "$1" -c get file "$scratch/fetched" && cmp "$scratch/tftp/file" "$scratch/fetched" && rm "$scratch/fetched"; }
check tftp fetches 10.77.0.2
check tftp-6 fetches fd77::2
check atftp-rule rule tftp alice /usr/bin/atftp 10.77.0.2 4711 requests
atftp_fetches() { on alice btns-run atftp --get -r file -l "$scratch/fetched" "$1" 69 && cmp "$scratch/tftp/file" "$scratch/fetched" && rm "$scratch/fetched"; }
check atftp atftp_fetches 10.77.0.2
check atftp-6 atftp_fetches fd77::2
check tftp-guarded guarded 10.77.0.2 69

# ---- mosh ----
check mosh-rule rule mosh alice /usr/bin/mosh-client 10.77.0.2 60001 session
check mosh-server-rule rule mosh bob /usr/bin/mosh-server 10.77.0.2 60001 session --accept
# session PORT ADDRESS: what a mosh session at bob shows
session() {
    local secret client status=0
    on bob env LC_ALL=C.UTF-8 MOSH_SERVER_NETWORK_TMOUT=600 btns-run mosh-server new -i "$2" -p "$1" -- \
        sh -c 'echo by mosh; read -r said; echo "heard $said"; read -r said' >"$scratch/mosh-$1" 2>&1
    secret=$(awk '/MOSH CONNECT/ { print $4 }' "$scratch/mosh-$1")
    { pause 2; echo hello; pause 4; echo; pause 60; } |
        on alice env LC_ALL=C.UTF-8 TERM=xterm MOSH_KEY="$secret" script -qfc "stty rows 24 cols 80; btns-run mosh-client $2 $1" "$scratch/screen-$1" >/dev/null 2>&1 & client=$!
    eventually 30 says 'heard hello' "$scratch/screen-$1" || status=$?
    kill $client || true
    return $status
}
check mosh session 60001 10.77.0.2
check mosh-6 session 60002 fd77::2
check mosh-guarded eval 'guarded 10.77.0.2 60001 && guarded fd77::2 60002'

went_in_esp 'and not port 500 and not port 4500' 'and not port 500 and not port 4500' 'www.lab.test|message by|by-snmp|by tftp'
