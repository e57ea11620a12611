# The shipped policies, each with the real programs it is for. Those for ssh, nginx, python's http.server and wget
# are tried in fetch.bats as well.
load lab.bash

setup_file() { run_lab shipped.sh; }

# both NAME: the client works, its rule and the server's decide, it is guarded, and nothing of it went in the clear
both() { passed "$1-rule" "$1-works" "$1-guard" "$1-clear-alice" "$1-clear-bob"; }

@test "on a host with ESP btnsctl check has no finding in any of them (Ui)" { passed no-finding; }
@test "rsync" { both rsync && passed rsync-server-rule; }
@test "git" { both git && passed git-server-rule; }
@test "redis, client and server" { both redis && passed redis-server-rule; }
@test "memcached, asked by netcat" { both netcat && passed memcached-server-rule; }
@test "iperf3" { both iperf3 && passed iperf3-server-rule; }
@test "iperf3, by datagrams" { passed iperf3-udp-works iperf3-udp-guard iperf3-udp-clear; }
@test "socat" { both socat && passed socat-server-rule; }
@test "lighttpd, asked by curl" { both curl && passed lighttpd-server-rule; }
@test "mosquitto and its clients" { both mosquitto && passed mosquitto-publishes mosquitto-server-rule; }
@test "dig and dnsmasq, over TCP" { both dns && passed dns-server-rule; }
@test "all of it was in ESP" { passed esp-on-the-wire; }
