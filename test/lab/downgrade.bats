# No downgrade under prefer: a known peer's key, and IKE that somebody drops.
load lab.bash

setup_file() { run_lab downgrade.sh; }

@test "prefer refuses a known peer whose key has changed, and does not suggest clear traffic (L15, L18)" {
    passed known changed-key-refused changed-key-no-advice changed-key-blocking
}
@test "no-downgrade: a peer that was protected is not reached in the clear when nobody answers IKE; prefer alone goes on" {
    passed silence-refused silence-in-clear
}
@test "no-downgrade: explain says so for a known peer, and not for a stranger" { passed explained stranger-in-clear; }
