# The ends of services that both hosts stop to use.
load lab.bash

setup_file() { run_lab both-end.sh; }

@test "both-end: two hosts stop using each other's service at the same moments, many times: nothing is left (L15)" {
    passed alice-answered bob-answered nothing-after-rounds
}
@test "both-end: an SA that comes up after its program has ended is ended at both hosts (L15)" {
    passed guard-ended unneeded-sa-is-ended nothing-after-late-sa
}
