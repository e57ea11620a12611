# libbtns: what draft-komu-btns-api-00 promises, between hosts.
load lab.bash

setup_file() { run_lab api.sh; }

@test "the draft's programs: a first run stores the channel, a second one to the same host succeeds (A1, A9, A13, A16, A17)" {
    passed conn-first-contact conn-stored-bob conn-second-run msg-first-contact msg-stored-bob msg-second-run \
        bob-heard-all wire-no-clear wire-some-esp
}
@test "a run to mallory at the same address fails with EPERM, before a byte (A13, A16)" {
    passed conn-refuses-mallory msg-refuses-mallory mallory-heard-nothing mallory-got-no-segment first-contact-meets-mallory
}
@test "datagrams, of a connected socket and one by one: a first run stores the channel, a second one to the same host succeeds (A2, A10, A14, A16)" {
    passed udp-conn-first-contact udp-conn-stored-bob udp-conn-second-run udp-msg-first-contact udp-msg-stored-bob \
        udp-msg-second-run bob-heard-datagrams datagrams-no-clear datagrams-some-esp
}
@test "to mallory at the same address no datagram leaves, neither in the clear nor in ESP (A10, A14, A16)" {
    passed udp-conn-refuses-mallory udp-msg-refuses-mallory mallory-heard-no-datagram mallory-got-no-datagram
}
@test "the sender is reported for each datagram, also for one that is read after its guard has ended, or when another key is at the address (A14, L23)" {
    passed sender-bob sender-clear sender-ended sender-waits sender-mallory
}
@test "Python, under btns-run, reads its own connection's peer, and by itself connects only to the one it expects" {
    passed python-who python-expects python-refuses
}
@test "a child of fork() goes on with its parent's policy, and both use the library at once (A9)" {
    passed forked
}
@test "the draft's programs, of TCP and of datagrams, beside the shim, and under the supervisor without it (A10, A13, A16)" {
    passed {conn,msg,udp-conn,udp-msg}-under-{shim,supervisor}
}
@test "ipsec_get_reason() says which rule has refused a connection, under the shim and under the supervisor (A1)" {
    passed reason-under-shim reason-under-supervisor
}
@test "btns-run --require lets a program without the shim send the datagrams that libbtns has asked about, and lets its server bind (A2, A14)" {
    passed required-client required-server
}
@test "an IPv6 socket with a policy sends nothing to an IPv4 address past the library, nor by TCP Fast Open (A9, L7)" {
    passed past-library past-library-sends-nothing
}
