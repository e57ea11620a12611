# btnsctl verify: a rule is proved by trying it.
load lab.bash

setup_file() { run_lab verify.sh; }

@test "what must be protected is: ESP on the links, a latch, and no way round it (O46)" { passed protect protect-v6; }
@test "where the peer has no btnsd, that is said, and nothing went in the clear (O46)" { passed protect-no-peer; }
@test "what must not pass leaves no packet (O46)" { passed discard; }
@test "what may go in the clear is seen to" { passed bypass prefer; }
@test "a rule that another one takes the flow from is not proved by it (O34)" { passed shadowed; }
@test "a server's floor: a stranger on a link of his own gets no answer (O75)" { passed accept accept-v6; }
@test "a server open to guests, and one that is not under btns" { passed accept-open accept-outside; }
@test "what cannot be tried is said" { passed no-such-rule ambiguous which-target datagrams-in root-only; }
@test "a rule about datagrams: in ESP, latched, and no way round it (O46)" { passed datagrams; }
@test "JSON; nothing is left behind" { passed json nothing-stays; }
