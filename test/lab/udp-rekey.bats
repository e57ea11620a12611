# Rekeys under datagrams.
load lab.bash

setup_file() { run_lab udp-rekey.sh; }

@test "udp: rekeys in both roles lose no datagram (invariant 3)" { passed begun rekeyed none-lost one-latch; }
