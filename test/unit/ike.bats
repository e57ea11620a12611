#!/usr/bin/env bats
# The pieces of the key manager: VICI, the private charon, the host key, known peers.

load unit.bash

# In a network namespace of its own, where no other IKE daemon has the port.
setup() { alone=(unshare --net sh -c 'ip link set lo up && exec "$0"'); }

@test "key connections are found by key, addresses and name as by a search through all" { unit ike/private/conns; }
@test "VICI messages are built as the protocol says; malformed ones are refused" {
    unit ike/vici/vici_msg
}

@test "the VICI connection: framing, one command at a time, events between, every end" {
    unit ike/vici/vici_conn
    unit ike/vici/vici_end
}

@test "the host key is made once, never replaced, and refused when it cannot be trusted" {
    unit ike/keys/hostkey
}

@test "a host key vouches for the next one: signed, sent, read; a statement that is expired, truncated, changed or of another key counts for nothing" {
    unit ike/keys/rotation
}
@test "the peers that see the old host key see it after a restart, too (L12)" { unit ike/private/old_peers; }

@test "of the SAs that a user's services no longer need, a few are deleted at a time, so that charon has threads left (invariant 3)" {
    unit ike/private/close
}

@test "a peer is accepted with a key that its own key vouches for, and has that key once it is proved; revoked keys are refused, and the administrator's files stay as they are" {
    unit ike/peers/peers_heir
}

@test "known_peers: found by key and address, written whole or not at all, refused when bad" {
    unit ike/peers/peers
    unit ike/peers/peers_file
}

@test "peers import: all lines or none; a contradiction is refused with its line and what to do; a second import changes nothing" {
    unit ike/peers/peers_merge
}

@test "the administrator's files about peers override known_peers, all of them or none; no peer has a revoked key" {
    unit ike/peers/peers_fleet
}

# A line that begins with two spaces continues the line before.
@test "btnsd(8)'s example of known_peers is what btnsd reads and writes" {
    unit ike/peers/peers_example < <(sed -n '/^# known_peers$/,/^\.EE$/{ /^ed25519:/,/^\.EE$/{ /^\.EE$/!p } }' \
        "$BATS_TEST_DIRNAME/../../btnsd/btnsd.8" | sed -e ':a' -e 'N;$!ba' -e 's/\n  / /g')
}

@test "charon's log: the lines for error messages, and a bounded size" {
    unit ike/charon/charon_log
}

@test "charon has a mount namespace of its own, inherits nothing, and is ended only if the process really is our charon" {
    unit ike/charon/charon_process
}

@test "charon accepts the host key, the secret and the connections, and behaves as btnsd relies on" {
    unit ike/charon/charon_live
}

@test "two charons: an introduction claims a key, a pinned connection proves it, impostors fail" {
    unit ike/charon/charon_pair
}

@test "the UDP ports of IKE are held while no charon runs, and a process that has one of them otherwise is named" {
    unit ike/charon/ike_ports
}
