#!/usr/bin/env bats
# The parts of btnsd that need no network: each a program of its own, that prints TAP.

load unit.bash

@test "the loop: timers in their order, and not all at once; callbacks that cancel, rearm and unwatch" {
    unit base/loop
}

@test "what /etc/hosts calls an address; a key in words that are computed without a list" {
    unit base/hosts_file
}

@test "who sent a datagram is told by when it came, and never guessed: not when the clock was set, or the guard is younger (A14)" {
    unit base/instant
    unit requests/datagram_sender
}

@test "hash tables find what a search through everything finds, in a few steps (O57)" {
    unit base/hash_table
}

@test "the log: the journal gets priorities and fields, stderr a line without a name of its own" {
    unit base/journal
}

@test "log lines that others cause: so many of a kind, and then their number" {
    unit base/log_rate
}

@test "a new address of this host: verdicts end, what leaves from it is held, and what left before is reset (L5, L7, L13)" {
    unit running/new_addresses
}

@test "what this host translates of its own connections is stopped once it is bound to its guard (L5, L7)" {
    unit running/translation
}

@test "what each user may have, and all together; root's share, newcomers', and subordinate uids" {
    unit base/user_limits
}

@test "btnsd's socket: whole messages with their senders' credentials, and descriptors that are closed again (O57)" {
    unit server/server
    unit server/passed_fds
}

@test "btnsd's socket: who reads no answers waits, and what was sent before a mark is all read (O80)" {
    unit server/outbox
    unit server/read_until
}

@test "one btnsd has a run directory; killed, it has none, even while a file that a program passed is not closed (O57)" {
    unit start/instance
}

@test "btnsd's socket: what one user may have of it (O80)" {
    unit server/server_limits
}

@test "btnsd's socket: a crowd of new clients leaves room for what else the loop has to do" {
    unit server/server_crowd
}

@test "btnsd's socket: a client whose messages had no room is noticed (L1)" {
    unit server/server_full
}

@test "the administrator's policy files over the vendor's (O4)" {
    unit rules/files/layers
}

@test "who may speak for an address: every claim under every demand; and what is open to him (L15, L17, L18, O56)" {
    unit latch/admission/admit
}

@test "what a program asks for on one socket: read, bounded, and joined with a rule so that it only gets stricter (A7, A9, L11, L24)" {
    unit users/wish
}

@test "the library's requests: shapes, versions, the policy of a socket, and whose socket it is (A1, A9, A13, O57)" {
    unit requests/library
    unit requests/library_datagrams
    unit requests/library_shut
    unit requests/library_told
}

@test "a btnsd of a later version answers today's libbtns in today's version (A1)" {
    unit requests/library-later
    unit requests/library_datagrams-later
    unit requests/library_shut-later
}

@test "what a connect() comes to: every action, wish and direction (L24, O40, O86)" {
    unit plan/connect_plan
}

@test "a connect() to an inner address is protected in BEET mode or refused, never in the clear (L8, L24)" {
    unit plan/inner_plan
}

@test "who sent a message, from /proc: not who has its number now, nor what it has become (O57)" {
    unit plan/sender
}

@test "what the kernel says of a program and a route is asked once for the messages of a moment, anew for the next (O57)" {
    unit plan/facts_at_once
}

@test "what a listener's peers meet: rules in their order, both families, and as a person is told (O75, O86)" {
    unit plan/listen_plan
}

@test "latches: found by socket and user, bounded, their guards and floors let go of" {
    unit latch/registry/registry
}

@test "the quality of an SA: weaker than what is latched in each way (L3, L8, L12)" {
    unit latch/keying/sa_judge
}

@test "ICMP errors go in ESP with the latched key alone, by the strongest suites; when their child SA is asked for and ended (L1, L2, L5)" {
    unit latch/keying/icmp_child
    unit ike/private/child_sas
}

@test "when an exchange has failed: the limits of those who wait decide, and a wrong key ends it (L13, L14)" {
    unit latch/keying/exchange_decide
}

@test "a proof that leaves the guard without the kernel's SA is repeated, and no other one (L8)" {
    unit latch/keying/proof
}

@test "the neighbour table says that a host is away: only after the link was asked for it (L13)" {
    unit latch/keying/neighbour_watch
}

@test "a new SA: whether its peer is expected there, and which guards it is about (L8, L12, L20)" {
    unit latch/responder/new_sa_decide
}

@test "a review leaves a revoked peer to charon until its connections are reset, so that the resets leave by its SAs (L13)" {
    unit latch/responder/review
}

@test "a peer's own address behind its NAT, from what charon logs (L10)" {
    unit ike/private/nat_inner
}

@test "latches whose socket is gone though nobody told; cookies that somebody made up" {
    unit running/lost_sockets
}

@test "btnsd is killed the moment after it learnt of a latch: the next one knows whose it is (L14)" {
    unit running/persist_latches
}

@test "a socket is found among a program's descriptors, of which only so many are looked through (O57)" {
    unit server/borrow
}

@test "memory shared with programs: what is taken from it, and what a hostile program can do with it" {
    unit server/shared_ring
}

@test "a server of any number of ports gets its floors; sockets that do not listen are few (O57)" {
    unit running/early_floors
}

@test "whose latches give way to a program that asks for another suite (L12)" {
    unit running/displace_latches
}

@test "the nat table of iptables-legacy: what this host's packets come to, whole, cut and changed" {
    unit xfrm/legacy_nat
}

@test "the epoch page can only be looked at" {
    unit server/epoch
}

@test "an answer that nobody has IKE there ends what is preferred, shortens what is demanded, and never concerns a known peer" {
    unit latch/keying/absence
}

@test "when a SYN has had no answer for so long that the peer may have lost its SAs" {
    unit latch/keying/unanswered
}

@test "packets go out and none comes in: the peer is to prove its key anew, and one that only listens ever more seldom" {
    unit latch/keying/one_sided
}

@test "connections end with a peer that has lost its key, not while it may be alive; one that waits can ask at once (L8, L14)" {
    unit running/stalled
    unit latch/keying/other_key
    unit tcp/window_probe
}

@test "hosts that run no btnsd are remembered for hours, across restarts, until they are forgotten" {
    unit state/plain_hosts
}

@test "hosts where protection failed a moment ago: for whom that counts, how long, and what ends it" {
    unit state/recent_failures
}

@test "a service manager is told when btnsd is ready" {
    unit base/notify
}

@test "mandatory rules come to SPD entries that say for every packet what they say (O35)" {
    unit latch/floor/mandatory
}

@test "the audit log: lines, rotation; a disk that hangs, a writer that dies, what stands in the way (O49, O59)" {
    unit events/audit
}

@test "a host's addresses change, and its IPv6 talk with itself is never cut off" {
    unit xfrm/addresses
}

@test "explain says what connect() does: every rule, wish, user and kind of destination (L24, O40, O86)" {
    unit requests/connect_explain
}

@test "what clients ask for: malformed, hostile and whole requests (O53, O72, O76)" {
    unit requests/table
    unit requests/connect
}

@test "what is root's alone is refused to others, and another network namespace's sockets to all, through btnsd's socket (O48, O61)" {
    unit requests/gate_socket
}

@test "a client speaks for a process of its own user, while that has no privilege, and hands a connection over (O48, O57)" {
    unit requests/speak_for
    unit requests/handed_over
}

@test "accepted connections that programs only count: found by the kernel's list, with the process that has each (L1, L2)" {
    unit requests/accept_scan
}
@test "the list of latches: to each user his own, whole however long it is read (O52)" {
    unit requests/latches
}

@test "why and explain answer a client, and refuse what is not asked properly (O72)" {
    unit requests/explain
}

@test "a supervisor may speak for its own user's processes below it, root for all below it, and for no other" {
    unit plan/kinship
}

@test "a socket that has a source route is found out, and one of datagrams from any address: they would leave past their guard (L1)" {
    unit plan/source_route
}

@test "the gate before requests: every need with every fact of sender, socket and namespace (O57)" {
    unit requests/gate
}

@test "events: every change of a latch as what it is, who may watch what, slow watchers (L6, O49)" {
    unit events/events
}

@test "who decides: mandatory, user, package, default; only stronger below mandatory (O35, O71, O73)" {
    unit rules/ask/view
}

@test "SAs that btnsd did not make: how good they are, and those made by hand (L3, Uc)" {
    unit latch/keying/managers
}

@test "who comes to a listener by SAs of others: what its floors make of that (L8, L11, L17)" {
    unit latch/admission/callers
}

@test "claimed keys are bounded in number, for each network and in time (L18)" {
    unit ike/private/claimed_keys
}

@test "a peer has so many IKE SAs with us, and no more (L18)" { unit ike/private/ike_sas; }

@test "a full known_peers: a user who fills it displaces only own peers; latched, pinned and flagged keys stay (L15, L20)" {
    unit ike/peers/peers_victim
}

@test "the administrator's IKE daemon: read with care, used only for whom it was latched to (L8, L17, L18, O24)" {
    unit ike/system/system
}

@test "what charon says of a failed exchange: nobody there, unwilling, or just beginning anew (L14)" {
    unit ike/private/task_log
}

@test "the registry's file: written, read, and refused whole (L14)" {
    unit latch/registry/store
}

@test "a dead program's socket: it lives while a process that inherited it has it (L21)" {
    unit base/socket_holder
}

@test "conflicts between latches, and to whom there may be none (L15, L17, L18, L20)" {
    unit latch/guard/conflict
}

@test "a call that waits on a datagram socket whose peer was taken from it gets an ICMP error, and no other socket does (L13)" {
    unit xfrm/local_icmp_error
}

@test "a connection that lost its latch for good is reset, for its program and its peer (L13, L14)" {
    unit running/reset_connection
}

@test "real overflows of the kernel's reports: told last, and compared (L22)" {
    unit reports/overflow
}

@test "keys for signing: what a file may hold, and no child process has one (O87)" {
    unit rules/files/sign_key
}

@test "TCP-AO: a file's keys, each fault with its line, and no message quotes a secret (T10, O87)" {
    unit rules/files/ao_keys
}

@test "a key file changes: living connections get its keys, and ask their peers for the next (T10)" {
    unit running/living_ao_keys
}
@test "TCP-AO: what the kernel gets, octet by octet, and what is said where it has none (T10, mock)" {
    unit tcp/ao
}

@test "files are replaced whole or not at all; arrays grow" {
    unit base/file
}

@test "the SAs of a reqid in a snapshot of the SAD, and those between two hosts; which addresses are this host" {
    unit xfrm/snapshot
}

@test "a user's requests take so much time in one round, and then others' are looked at" {
    unit server/turn
}

@test "a user's patterns are bounded, because others wait for decisions about them" {
    unit users/patterns
}

@test "rules of nftables that change a destination are told from others, whatever the message holds" {
    unit xfrm/nft_decode
}

@test "the audit of TCP: segments read and written, what each may be answered by, throttle, ports, settings (T1 to T9)" {
    unit ctl/audit
}

@test "counters of segments dropped for their signature (T10)" {
    unit tcp/sign_counters
}

@test "a statement about a new host key is believed if a known key has signed it, and it is valid now" { unit reports/vouched; }

@test "the file of names: each key's name and words; revoked keys and names that differ only in case are left out" {
    unit running/inner_names
}

@test "a key's inner address, as another program computes it; it is never a host's own address" {
    unit wire/inner_address
}
