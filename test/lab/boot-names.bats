# A host that boots before its name server can be reached.
load lab.bash

setup_file() { run_lab boot-names.sh; }

@test "a rule whose name cannot be resolved is closed, for every program, and says so; others hold (O21)" {
    passed boot-other-rule-holds boot-name-is-closed boot-closed-says-why boot-closed-for-everybody boot-status
}
@test "when the name resolves its rule is as written, without a reload (O21)" {
    passed boot-resolves boot-named-is-protected boot-named-was-esp boot-others-are-free boot-status-is-well
}
