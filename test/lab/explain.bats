# What btnsctl explains is what btnsd then does, and why no other rule did.
load lab.bash

setup_file() { run_lab explain.sh; }

@test "connect() does what explain says: bypass, discard, protect (O40, O46, O50, O79)" {
    passed explain-bypass happens-bypass explain-discard happens-discard explain-protect happens-protect
}
@test "addresses that no latch may be made to, and link-local ones: explain and connect() refuse alike (L24, Ui)" {
    passed no-latch-is-explained link-local-is-explained
}
@test "the errno of a refused connect() is one that node has a name for" {
    passed no-latch-known-to-node
}
@test "every other candidate says why it lost; author, place and profile are told" {
    passed losers-say-why earlier-is-named other-program-named winner-expanded
}
@test "other protocols, listeners, and the form without a protocol" { passed udp-is-no-rule listener-floor old-form; }
@test "the verdict that a shim gets names who asked, what, and the service (O66, O67, O72)" { passed shim-told-service; }
@test "anybody may ask about own processes, only root about others' (O48, O49, O52)" {
    passed anybody-may-ask own-by-name not-about-others root-about-others
}
@test "programs ask btnsd at a socket that only root can create (O62)" { passed socket-is-roots socket-is-a-file; }
@test "a host that can do what its rules ask for has no finding; files that others may write are one (Ui, O5)" {
    passed check-finds-nothing check-charon-has-port check-owner
}
