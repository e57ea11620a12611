# A peer that cannot be reached: what the kernel knows about it shortens the wait.
load lab.bash

setup_file() { run_lab dead-first.sh; }

@test "nobody on the link answers for the address: refused as soon as the kernel knows, with that reason, IPv4 and IPv6 (L13)" {
    passed dead-v4 dead-v6
}
@test "the first address is dead: a client gets the second" { passed living-second living-second-v6; }
@test "happy eyeballs: the living address wins before the dead one is given up" { passed eyes-v6 eyes-v4; }
@test "the host appears: it is not taken for dead because it was dead before" { passed comes-later; }
@test "no packet of all this went in the clear (L1)" { passed wire-has-no-clear; }
