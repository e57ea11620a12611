# Packets with a source route of the program's own, or from an address that is not this host's, would leave past their
# guard.
load lab.bash

setup_file() { run_lab source-route.sh; }

@test "a socket with a source route is refused where protection is demanded, and the reason is said (L1)" { passed tcp udp; }
@test "a connected socket gets no source route, and a datagram none of its own" { passed tcp-later udp-later message; }
@test "none of these packets left the host; without btns they do (L1, L7)" { passed none-left control-tcp control-udp; }
@test "packets that no rule protects are sent as natively" { passed clear-goes; }
@test "a datagram socket that may send from any address is refused, and none left that way; without btns it does (L1)" {
    passed foreign foreign-later foreign-stays foreign-control
}
@test "a datagram over IPv6 that names another host's address as its source is refused, whatever option allows it; this host's own address works (L1)" {
    passed foreign-free foreign-plain own-free
}
