# A fleet whose hosts know each other before they meet.
load lab.bash

setup_file() { LAB_OPTIONS=--nat run_lab fleet.sh; }

@test "five hosts: peers export --self of each host, imported everywhere: all hosts know each other, and no connection is a first contact" {
    passed exported imported-alice imported-bob imported-mallory imported-carol imported-dave known again connects no-first-contact exported-again
}
@test "peers import refuses what contradicts known_peers, with file, line and what to do, and everybody but root" {
    passed contradiction not-root
}
@test "a peer that has a name and comes to a new address is the same peer, and no first contact" {
    passed moved moved-told
}
@test "keyscan asks hosts for their keys and stores nothing; peers import accepts its output; a silent host is reported" {
    passed scanned scan-keeps-nothing scan-imported scan-silent scan-not-root
}
@test "/etc/btns/peers.d: its peers are pinned, no request forgets them, and a bad line leaves the old state in force" {
    passed in-file file-counts file-not-forgotten bad-line bad-line-checked old-stands file-contradicts
}
@test "a new host key under a living connection: the connection goes on with the old key, others join it, and later ones use the new key (L1, L12)" {
    passed rotate-not-root rotated rotated-connection-lives rotated-joins rotated-once rotated-still-lives rotated-known rotated-told
}
@test "a restart of the host with the new key: the living connection goes on with the old one, and others join it (L12)" {
    passed rotated-restart-joins rotated-restart-lives
}
@test "a restart of a peer that knows the new key: its latches to the old one go on (L12)" {
    passed rotated-elsewhere rotated-peer-restarts
}
@test "a new host key is accepted at its first proof, because the old one vouches for it; the name and the pin stay" {
    passed rotated-at-once
}
@test "a host that missed three rotations accepts the new key, because each key vouches for the next; the old private key is deleted" {
    passed rotated-again rotated-thrice rotated-away
}
@test "a new host key for which a revoked one vouches is refused" { passed rotated-not-by-revoked; }
@test "a key that is revoked under a living connection: the connection ends, nothing follows in the clear, and every report says why" {
    passed revoked-in-file still-lives revoked-connection-ends revoked-told revoked-refused revoked-prefer revoked-explained revoked-status
    passed revoked-not-in-clear revoked-in-policy unrevoked
}
@test "a revoked key is neither imported nor pinned, and is refused as a client, also while a server has a living connection with it" {
    passed revoked-import revoked-pin revoked-client revoked-at-server revoked-server-not-in-clear revoked-own
}
