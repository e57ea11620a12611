# btnsctl verify: a rule is proved by trying it.
load lab.bash

setup_file() { run_lab verify.sh; }

@test "a rule that protects: ESP on the links, a latch, and no way round it (O46)" { passed protect protect-v6; }
@test "a peer without btnsd is reported, and nothing went in the clear (O46)" { passed protect-no-peer; }
@test "a rule that discards: no packet leaves (O46)" { passed discard; }
@test "rules that allow clear traffic: it is seen in the clear" { passed bypass prefer; }
@test "a rule that is shadowed by another one is not proved by that one (O34)" { passed shadowed; }
@test "a server's floor: a stranger on a link of his own gets no answer (O75)" { passed accept accept-v6; }
@test "a server open to guests, and one that is not under btns" { passed accept-open accept-outside; }
@test "rules that cannot be tried are named with the reason" {
    passed no-such-rule ambiguous which-target datagrams-in root-only
}
@test "a rule about datagrams: in ESP, latched, and no way round it (O46)" { passed datagrams; }
@test "JSON; nothing is left behind" { passed json nothing-stays; }
