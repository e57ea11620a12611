# If protection is preferred everywhere, hosts without btnsd must cost nothing.
load lab.bash

setup_file() { run_lab opportunistic.sh; }

@test "a host that says by ICMP that it has no IKE costs a round trip, IPv4 and IPv6, blocking and non-blocking" {
    passed icmp-non-blocking icmp-v6 icmp-blocking icmp-closed-port
}
@test "the SYN that the guard held is sent when the connection goes on in the clear, and not lost" {
    passed held-syn-is-sent
}
@test "a connection that demands protection is refused with that reason, and none of its packets is sent in the clear (L1, L13)" {
    passed demanded-refused demanded-not-clear restart-demanded
}
@test "a host without btnsd is remembered for hours, across a kill of btnsd, until btnsctl forget" {
    passed icmp-remembered restart-remembers forget-ends-it
}
@test "a firewall that drops IKE costs a moment, and is remembered when IKE's last try got no answer" {
    passed silent-goes-on silent-remembered
}
@test "a slow peer is not taken for a host without btnsd: the next connection is protected" {
    passed slow-is-noticed slow-is-protected known-is-not-listed
}
