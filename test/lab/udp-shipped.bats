# The shipped policies of programs that send datagrams, each with the real programs, and DNS by opting in.
load lab.bash

setup_file() { run_lab udp-shipped.sh; }

# both NAME: the shipped rules decide at both ends, both address families work, and there is a guard
both() { passed "$1-rule" "$1-server-rule" "$1-guarded" "${@:2}"; }

@test "udp: dig and delv ask unbound, where a policy opts in" { passed dig dig-6 delv delv-6 dns-guarded; }
@test "udp: chronyd at both ends, port 123 to port 123, and chronyc" { both chrony chronyd-bound chronyd-alice chronyd-bob chronyc chronyc-6; }
@test "udp: rsyslogd passes on to rsyslogd, and logger" { both syslog rsyslog logger; }
@test "udp: snmpget and snmpd" { both snmp snmp snmp-6; }
@test "udp: tftp, whose server answers from another port" { both tftp tftp tftp-6 atftp-rule atftp atftp-6; }
@test "udp: a mosh session" { both mosh mosh mosh-6; }
@test "udp: no datagram of these programs in the clear, at either end (L1, L5)" {
    passed none-clear-alice none-clear-bob esp-seen nothing-quoted
}
