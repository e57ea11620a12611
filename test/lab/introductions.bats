# Introductions prove nothing and cost nothing: strangers may send as many, and as odd ones, as they like.
load lab.bash

setup_file() { run_lab introductions.sh; }

# 10,000 of them, or as many as the machine makes in 25 s; FLOOD_SECONDS=600 for all of them on a slow machine.
@test "10,000 introductions with made-up keys: what btnsd and charon keep of them is bounded, and soon gone; known_peers has none of the keys (L18)" {
    passed flood-was-one flood-connections-bounded flood-ike-sas-bounded flood-reqids-bounded flood-peers-bounded \
        flood-btnsd-memory flood-charon-memory flood-charon-log flood-no-guards flood-forgotten flood-entries-forgotten
    grep -E '^(before|during|after|introduced|new peers)' "$BATS_FILE_TMPDIR/output" | sed 's/^/# /' >&3
}
@test "real peers get through during the flood and after it" { passed flood-real-peer-got-through flood-real-peer-after; }
@test "identities of 0, 1, 31, 33, 4096 octets, and text: no connection, no harm; our own key is refused" {
    passed odd-nobody-died odd-made-nothing own-key-refused odd-real-peer-after
}
@test "a key that somebody else has claimed still works for its owner" { passed claimed-key-is-still-hers; }
@test "a replayed introduction leaves nothing, from its own address or another's" {
    passed replay-captured replay-from-himself replay-from-her-address replay-left-nothing replay-real-peer-after
}
