# Rekeys under datagrams.
load lab.bash

setup_file() { run_lab udp-rekey.sh; }

@test "udp: rekeys in both roles lose no datagram (invariant 3)" { passed begun rekeyed none-lost one-latch; }
@test "udp: nor do they under many datagrams a second in one direction, by the kernel's counters and by the datagrams that came" {
    passed rekeyed-in-stream stream-came none-dropped
    sed -n 's/^\([0-9]* sent\)/# \1/p' "$RESULTS.d/rekeys" >&3 || true
}
