# keys = system: latches over SAs of a strongSwan that the administrator runs.
load lab.bash

setup_file() { run_lab managers.sh; }

@test "system: refused when there is no daemon, no such connection, a weaker SA, another peer (L3, L17)" {
    passed system-absent system-unconfigured system-weaker system-other-peer
}
@test "system: curl over a strongSwan's SAs with certificates, to a host without btnsd (L1)" {
    passed system-curl system-curl-big system-esp
}
@test "system: curl over SAs with a pre-shared secret (L1)" { passed system-secret; }
@test "system: the latch shows the peer's identity, and the CA that vouches for it (L4, L9)" {
    passed system-listed system-proof system-status system-talks
}
@test "system: rekeys by either end move the pins, and the latch lives (L1, L12)" {
    passed system-rekey-moves system-rekey-talks system-rekey-by-peer-moves system-rekey-by-peer-talks \
        system-rekey-latched
}
@test "system: when the daemon is killed, the latch fails and nothing passes; when it is started again, the latch recovers (L14)" {
    passed system-killed-fails system-killed-reason system-killed-holds system-back-mends system-back-talks
}
@test "system: another identity on the address, with the same reqid, breaks the latch (L8, L17, L18)" {
    passed system-stranger-is-there system-stranger-breaks system-stranger-reason system-stranger-gets-nothing \
        system-stranger-refused
}
@test "system: never a clear packet (L8)" { passed system-never-clear; }
