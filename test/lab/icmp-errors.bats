# ICMP errors repeat the packet that they are about; no part of a protected packet may leave in the clear.
load lab.bash

setup_file() { LAB_OPTIONS=--iptables run_lab icmp-errors.sh; }

@test "icmp errors: the host of a protected service has entries against them, with a mirror guard alone" {
    passed protected entries-4 entries-6
}
@test "icmp errors: a firewall rejects protected segments, IPv4 and IPv6; an option that nobody knows (control)" {
    passed rejects-icmp-{net,host,proto,port}-unreachable rejects-icmp-{net,host,admin}-prohibited \
        rejects-icmp6-{no-route,adm-prohibited,addr-unreachable,port-unreachable} misheard \
        client-rejects-4 client-rejects-6
}
@test "icmp errors: the same about datagrams, and about one to a port without a socket (L1, L5)" {
    passed latched-dead open-dead open-dead-seen datagrams-icmp-{net,host,proto,port}-unreachable \
        datagrams-icmp-{net,host,admin}-prohibited \
        datagrams-icmp6-{no-route,adm-prohibited,addr-unreachable,port-unreachable} client-datagrams-{4,6} \
        no-datagram-quoted nothing-quoted
}
@test "icmp errors: an error in ESP tells a program that nobody listens at a port, or that a firewall rejects the packet, as natively (L1, L5)" {
    passed refused-{4,6}-{connected,queue} icmp-child firewall-heard server-ended no-error-about-it no-datagram-quoted nothing-quoted
}
@test "icmp errors: the child SA for them is for datagrams alone, and ends with their last guard" { passed none-for-segments children-end; }
@test "icmp errors: those about an unprotected service of the same host are still sent" {
    passed open-4 open-6 open-options open-errors-are-seen
}
@test "icmp errors: those about unprotected packets that the host forwards as a router are still sent, so that path MTUs are found" {
    passed routed-hops-4 routed-size-4 routed-hops-6 routed-size-6
}
@test "icmp errors: none about a protected segment that DNAT forwards (L1)" { passed passed-on-error-blocked no-error-about-it; }
@test "icmp errors: no hop left, too small a link, an option that nobody knows: of datagrams, nothing is repeated (L1, L5)" {
    passed datagram-hops-4 datagram-size-4 datagram-options-6 nothing-quoted
}
@test "icmp errors: the same about datagrams in the clear repeats them (control)" { passed open-hops-4 open-options-6; }
@test "icmp errors: no octet of a protected segment is repeated in the clear, at either end (L1, L5)" {
    passed nothing-quoted no-error-about-it something-seen
}
@test "icmp errors: the latches live on; guards are deleted at the end, and the entries of a known peer stay" {
    passed still-latched nothing-left entries-stay
}
@test "icmp errors: while btnsd is stopped, charon lets a peer in, and nothing is repeated either (L1, L5)" {
    passed hung-dead hung-no-guard hung-segment-{4,6} hung-nothing-quoted hung-heals
}
@test "icmp errors: errors about clear datagrams go on meanwhile (control)" { passed hung-open-dead hung-open-seen hung-errors-are-seen; }
