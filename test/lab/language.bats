#!/usr/bin/env bats
# Rules' conditions on processes and routes: connect() follows each of them.

setup_file() {
    . "$BATS_TEST_DIRNAME/lab.bash"
    run_lab language.sh
}
setup() { . "$BATS_TEST_DIRNAME/lab.bash"; }

@test "names and groups of values, points and requirements are taken (O14, O16, O19, O21, O29)" {
    passed loads
}

@test "a rule for a user is that user's, and no other's (O28, O38, O48)" {
    passed user user-names-rule other-user root
}

@test "a cached verdict does not apply after the process has changed its user (O10, O13)" {
    passed changed-user
}

@test "a rule for a group applies to its members, by primary or supplementary group (O38)" {
    passed group group-without
}

@test "a rule for a control group applies to processes in it or below it (O38)" {
    passed cgroup no-cgroup
}

@test "a rule for an interface, by an administrator's point, applies to connections that leave through it (O14, O38)" {
    passed way
}

@test "a rule for a local address applies to connections from it and to peers that connect to it (O38)" {
    passed local-address local-address-6 local-listener-blocked local-listener-open
}

@test "a peer that was never seen is new, then known, and protected as required (O19, O28)" {
    passed new-peer becomes-known known-peer known-peer-protected
}

@test "a profile's lifetime is the kernel's lifetime of its SA, and is listed (O42, O43)" {
    passed lifetime-in-kernel lifetime-explained
}

@test "explain shows which rule decides for each of them (O46, O50)" {
    passed explain-user explain-other-user explain-cgroup explain-interface explain-known explain-new
}

@test "action log: the decision is in the log (O8, O59)" {
    passed logged
}

@test "a conflict refuses the reload and names both places; the old rules stay (O34)" {
    passed conflict-refused conflict-old-rules
}
