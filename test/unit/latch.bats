# The functions that decide about latches.

load unit.bash

@test "the guard's table: every state and event, and the properties of the whole table (L6, L8, L13)" {
    unit latch/guard/machine
}
@test "guards are found by service, addresses, key and reqid as by a search through all (L15, L17)" {
    unit latch/guard/search
}

@test "ICMP errors that would repeat protected packets: blocked from the first guard or charon connection until the last one has ended (L1, L5)" {
    unit latch/guard/icmp_errors
}
@test "reqids: one number never means two keys, also across a restart (L1, L14)" { unit latch/guard/reqid; }
@test "a client wants a guard: users' limits, packets held for a moment only, and who may share (L12)" {
    unit latch/guard/want
}

@test "a datagram that is sent just after its guard was deleted is blocked, and the block does not last longer (L1, L8)" {
    unit latch/guard/late_sends
}

@test "a request replaces a guard that stays for the administrator's SAs: its peer is never answered in the clear (L7, L8)" {
    unit latch/guard/left_sas
}

@test "entries that take the place of others: guards, floors, mandatory rules, shields, over a restart, too; no packet passes between two requests (L7, L8)" {
    unit latch/guard/no_gap
    unit latch/floor/floor_gap
}

@test "the end of a guard deletes the SAs of its own service alone, not those of the other protocol at its port (L15)" {
    unit latch/guard/orphaned_sas
}

@test "SAs that no guard needs any more: the peer's side is ended, too, and what is needed stays (L15)" {
    unit latch/keying/unowned_sas
}

@test "turns of IKE exchanges: their number is limited, also root's, and a share is kept for known peers (invariant 4)" {
    unit latch/guard/exchange_turn
}

@test "other users' sockets that a floor would cover: by user, port, address and family (O57)" { unit latch/floor/other_users; }
