# Reload: running connections and listeners, and a thousand reloads under connections.
load lab.bash

setup_file() { run_lab reload.sh; }

@test "a latch outlives new rules that ask for less or for something else: its parameters never change (L12, O10)" {
    passed begins weaker-lives-on other-parameters-live-on more-that-does-not-bind mandatory-that-it-meets
}
@test "a program that asks for other parameters than the latched ones is refused with the reason (L12, L17)" {
    passed attempt-is-told-why-not attempt-is-a-conflict
}
@test "a program with several connections to one host can compare their peers (L25)" { passed several-compare-their-peers; }
@test "a latch whose connection the rules forbid is closed alone, and the audit log says why (O10, O59)" {
    passed discard-closes discard-is-blocked others-of-the-guard closed-for-good mandatory-that-asks-more
}
@test "forbidden connections that cannot be reset are blocked until they end, each by entries of its own (L8, O10)" {
    passed given-away-talk given-away-are-blocked blocked-for-good blocks-go-with-it
}
@test "a listener's callers are treated by the new rules (O10)" {
    passed listener-protected listener-opened listener-shut-again listener-shut listener-as-before
}
@test "a change of a user's own rules and blocks applies at once to this user's running connections, and to no other user's (L12, O10, O50)" {
    passed user-and-root-talk user-weaker-lives-on user-discards-own user-discards-only-what-it-says user-discard-audited \
        user-listens-protected user-blocks-all-opens user-unblocks-shuts
}
@test "there is one listener latch for each address and port: another listener there has the same terms, or is refused (L16)" {
    passed one-listens another-of-the-same-terms another-of-other-terms other-terms-when-they-are-gone
}
@test "reloads under connections: none fails, nothing goes clear (O34)" {
    passed reloads-and-connections reloads-done reloads-nothing-clear
}
