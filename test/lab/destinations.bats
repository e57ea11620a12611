# Very many destinations of one datagram socket; `make soak` has 10,000.
load lab.bash

setup_file() { run_lab destinations.sh; }

@test "udp: while one socket sends to very many destinations, btnsd answers, and others' flows go on unharmed (invariant 4)" {
    sed 's/^/# /' "$RESULTS.d/report" >&3 || true
    passed talk sent-user status-answers-user sent-root status-answers-root others-go-on others-unharmed
}
@test "udp: a user's destinations and root's are bounded alike, so that charon does not hang (invariant 3)" {
    passed same-charon
}
@test "udp: their cost in entries and memory is bounded, and is given back (L21)" { passed bounded swept; }
