# Non-blocking connects to a peer with whom there is no SA yet.
load lab.bash

setup_file() { run_lab nonblocking.sh; }

@test "a poll()ing client gets EINPROGRESS at once, then is connected (L2, L13)" {
    passed poll-cold-einprogress poll-cold6-einprogress poll-warm-einprogress
}
@test "no SYN is lost: nothing is retransmitted, from both ends' counters" {
    passed poll-no-lost-syn
}
@test "no SYN is lost while the old SA is being deleted: it is held for the next SA" {
    passed poll-closing
}
@test "python's asyncio, first contact" { passed asyncio; }
@test "no packet of all this was clear (L7)" { passed no-clear; }
@test "nobody there: ECONNRESET within the limit, and the reason on stderr (L13)" {
    passed dead-econnreset dead-says-why dead-leaves-nothing
}
@test "another program's packets are held for a moment, with a rule that waits for a minute; then they go (O57)" {
    passed held-for-a-moment held-no-more
}
@test "an unused guard is deleted" { passed guard-gone; }
@test "an attempt that failed cannot go in the clear afterwards, not even by a raw system call (L7)" {
    passed late-connect-cannot-leak
}
@test "an attempt whose socket btnsd does not find is blocked: another process has it, beyond its first descriptors (L7)" {
    passed hidden-is-blocked hidden-syn-is-blocked hidden-not-clear
}
