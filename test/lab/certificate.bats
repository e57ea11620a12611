# Certificates: who the other end must be is proved over real X.509, in both roles; nothing less will do.
load lab.bash

setup_file() { run_lab certificate.sh; }

@test "both ends prove a certificate of an authority that the policy names (L3, L9, O55)" {
    passed no-own-certificate certified-fetches certified-latched certified-how certified-how-server certified-is-the-key certified-channel
}
@test "a key that is no certificate's conflicts with what is latched (L15, L17)" { passed any-key-elsewhere; }
@test "the key is latched: with a renewed certificate it goes on, one with another key breaks it (L1, L12)" {
    passed certified-server-restart rekeyed-breaks rekeyed-says-why
}
@test "btnsd killed and started at either end: the latch survives, and the listener is known again (L14)" {
    passed certified-server-restart floor-known-again certified-client-restart certified-still-how
}
@test "another authority, an expired certificate, another id, a revoked key are refused; a subject is an id, too (Ud, Uf)" {
    passed wrong-ca expired revoked-certificate wrong-id dn-fetches
}
@test "the server refuses another peer's certificate and a mere key, and nothing is delivered (L18, L19)" {
    passed other-kept-out key-kept-out kept-out-not-served kept-out-no-guard key-in-elsewhere nothing-clear
}
@test "any certificate of the authority, only when that is written out (Ug)" { passed any-of-ca; }
@test "mallory on bob's address: another id, another authority with the name of bob's, a mere key: he gets nothing (L1, L18)" {
    passed other-id-on-his-address false-authority key-on-his-address mallory-not-asked mallory-nothing-clear
}
