#!/usr/bin/env bats
# The parts of btnsd that need no network: each a program of its own, that prints TAP.

load unit.bash

@test "the loop: timers in their order, and not all at once; callbacks that cancel, rearm and unwatch" {
    unit base/loop
}

@test "the name of an address in /etc/hosts; a key in words, computed without a list of words" {
    unit base/hosts_file
}

@test "the sender of a datagram follows from the time at which it came, and is never guessed: unknown if the clock was set, or the guard is younger (A14)" {
    unit base/instant
    unit requests/datagram_sender
}

@test "hash tables find what a search through everything finds, in a few steps (O57)" {
    unit base/hash_table
}

@test "the log: the journal gets priorities and fields, stderr a line without a name of its own" {
    unit base/journal
}

@test "log lines that others cause: a limited number of each kind, then the count of the rest" {
    unit base/log_rate
}

@test "a new address of this host: cached verdicts end, packets from it are held, and connections made from it before are reset (L5, L7, L13)" {
    unit running/new_addresses
}

@test "a connection of this host that it translates itself is stopped once its socket is bound to its guard (L5, L7)" {
    unit running/translation
}

@test "limits for each user and for all users together; root's share, the share of new users, and subordinate uids" {
    unit base/user_limits
}

@test "btnsd's socket: whole messages with their senders' credentials, and descriptors that are closed again (O57)" {
    unit server/server
    unit server/passed_fds
}

@test "btnsd's socket: a client that reads no answers waits, and all messages sent before a mark are read (O80)" {
    unit server/outbox
    unit server/read_until
}

@test "only one btnsd has a run directory; a killed one gives it up, even while a file that a program passed is not closed (O57)" {
    unit start/instance
}

@test "btnsd's socket: the share of one user (O80)" {
    unit server/server_limits
}

@test "btnsd's socket: many new clients leave time for the loop's other work" {
    unit server/server_crowd
}

@test "btnsd's socket: btnsd notices a client whose messages found no room (L1)" {
    unit server/server_full
}

@test "the administrator's policy files replace the vendor's (O4)" {
    unit rules/files/layers
}

@test "which peer may use an address: every claim under every demand; and the services that are open to it (L15, L17, L18, O56)" {
    unit latch/admission/admit
}

@test "a program's policy for one socket: read, bounded, and merged with a rule so that the result is only stricter (A7, A9, L11, L24)" {
    unit users/wish
}

@test "the library's requests: forms, versions, the policy of a socket, and the socket's owner (A1, A9, A13, O57)" {
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

@test "the plan for a connect(): every action, wish and direction (L24, O40, O86)" {
    unit plan/connect_plan
}

@test "a connect() to an inner address is protected in BEET mode or refused, never in the clear (L8, L24)" {
    unit plan/inner_plan
}

@test "the sender of a message, from /proc: not another process that has its number now, nor a program that it executed since (O57)" {
    unit plan/sender
}

@test "the kernel's facts about a program and a route are read once for the messages of a moment, and again for the next (O57)" {
    unit plan/facts_at_once
}

@test "a listener's floor: rules in their order, both families, and its text for a person (O75, O86)" {
    unit plan/listen_plan
}

@test "latches: found by socket and user, limited in number; their guards and floors are released" {
    unit latch/registry/registry
}

@test "the quality of an SA: weaker than the latched one in each way (L3, L8, L12)" {
    unit latch/keying/sa_judge
}

@test "ICMP errors go in ESP with the latched key alone, by the strongest suites; when their child SA is asked for and ended (L1, L2, L5)" {
    unit latch/keying/icmp_child
    unit ike/private/child_sas
}

@test "after a failed exchange: the time limits of waiting connections decide, and a wrong key ends the attempts (L13, L14)" {
    unit latch/keying/exchange_decide
}

@test "a proof is repeated if the guard got no SA from the kernel, and only then (L8)" {
    unit latch/keying/proof
}

@test "the neighbour table shows that a host is away only after the link was asked for it (L13)" {
    unit latch/keying/neighbour_watch
}

@test "a new SA: whether its peer is expected at these addresses, and which guards it concerns (L8, L12, L20)" {
    unit latch/responder/new_sa_decide
}

@test "a review leaves a revoked peer to charon until its connections are reset, so that the resets leave by its SAs (L13)" {
    unit latch/responder/serve_review
}

@test "a peer's own address behind its NAT, from charon's log (L10)" {
    unit ike/private/nat_inner
}

@test "latches whose socket was closed without a report; forged cookies" {
    unit running/lost_sockets
}

@test "btnsd is killed the moment after it learnt of a latch: the next btnsd knows the latch's program (L14)" {
    unit running/persist_latches
}

@test "a socket is found among a program's descriptors, of which a limited number is examined (O57)" {
    unit server/borrow
}

@test "memory shared with programs: which messages btnsd takes from it, and what a hostile program can do with it" {
    unit server/shared_ring
}

@test "a server with any number of ports gets its floors; the number of sockets that do not listen is limited (O57)" {
    unit running/early_floors
}

@test "which latches give way to a program that asks for another suite (L12)" {
    unit running/displace_latches
}

@test "the nat table of iptables-legacy: does it translate this host's packets? Whole, truncated and changed tables" {
    unit xfrm/legacy_nat
}

@test "clients can read the epoch page, and not change it" {
    unit server/epoch
}

@test "a host's answer that it has no IKE ends preferred protection, shortens the wait for demanded protection, and does not count for a known peer" {
    unit latch/keying/absence
}

@test "a SYN without an answer for so long that the peer may have lost its SAs" {
    unit latch/keying/unanswered
}

@test "packets leave and none comes: the peer has to prove its key again, ever more seldom if it only listens" {
    unit latch/keying/one_sided
}

@test "connections to a peer that has lost its key are ended, but not while the peer may be alive; a waiting connection can be probed at once (L8, L14)" {
    unit running/stalled
    unit latch/keying/other_key
    unit tcp/window_probe
}

@test "hosts that run no btnsd are remembered for hours, across restarts, until they are forgotten" {
    unit state/plain_hosts
}

@test "hosts where protection failed a moment ago: to which callers that applies, for how long, and what ends it" {
    unit state/recent_failures
}

@test "a service manager is told when btnsd is ready" {
    unit base/notify
}

@test "the SPD entries of mandatory rules decide about every packet as the rules do (O35)" {
    unit latch/floor/mandatory
}

@test "the audit log: lines, rotation; a disk that hangs, a writer that dies, another file in its place (O49, O59)" {
    unit events/audit
}

@test "a host's addresses change, and its IPv6 traffic with itself is never blocked" {
    unit xfrm/addresses
}

@test "explain says what connect() does: every rule, wish, user and kind of destination (L24, O40, O86)" {
    unit requests/connect_explain
}

@test "requests of clients: malformed, hostile and correct ones (O53, O72, O76)" {
    unit requests/table
    unit requests/connect
}

@test "requests for root alone are refused to others, and sockets of another network namespace to everybody, through btnsd's socket (O48, O61)" {
    unit requests/gate_socket
}

@test "a client speaks for a process of its own user, while that has no privilege, and hands a connection over (O48, O57)" {
    unit requests/speak_for
    unit requests/handed_over
}

@test "accepted connections that programs only count: found by the kernel's list, with the process that has each (L1, L2)" {
    unit requests/accept_scan
}
@test "the list of latches: each user gets the user's own, and a complete list however slowly it is read (O52)" {
    unit requests/latches
}

@test "why and explain answer a client, and refuse malformed questions (O72)" {
    unit requests/explain
}

@test "a supervisor may speak for its own user's processes below it, root for all processes below it, and neither for any other" {
    unit plan/kinship
}

@test "a socket with a source route is detected, and a datagram socket that may send from any address: their packets would bypass their guard (L1)" {
    unit plan/source_route
}

@test "the gate before requests: every need with every fact of sender, socket and namespace (O57)" {
    unit requests/gate
}

@test "events: the event of every change of a latch, which watchers get it, slow watchers (L6, O49)" {
    unit events/events
}

@test "which author's rule decides: mandatory, user, package, default; nobody weakens a mandatory rule (O35, O71, O73)" {
    unit rules/ask/view
}

@test "SAs that btnsd did not make, also those made by hand: are they good enough? (L3, Uc)" {
    unit latch/keying/managers
}

@test "peers that reach a listener by SAs of another key manager: do its floors accept them? (L8, L11, L17)" {
    unit latch/admission/callers
}

@test "claimed keys are bounded in number, for each network and in time (L18)" {
    unit ike/private/claimed_keys
}

@test "a peer has a limited number of IKE SAs with this host (L18)" { unit ike/private/ike_sas; }

@test "a full known_peers: a user who fills it displaces only own peers; latched, pinned and flagged keys stay (L15, L20)" {
    unit ike/peers/peers_victim
}

@test "the administrator's IKE daemon: its reports are checked, and its SAs are used only for the peer that was latched (L8, L17, L18, O24)" {
    unit ike/system/system
}

@test "charon's log of a failed exchange: the peer is away, refuses, or has restarted (L14)" {
    unit ike/private/task_log
}

@test "the registry's file: written, read, and refused as a whole (L14)" {
    unit latch/registry/store
}

@test "a dead program's socket: it lives while a process that inherited it has it (L21)" {
    unit base/socket_holder
}

@test "conflicts between latches, and peers to which no latch may be made (L15, L17, L18, L20)" {
    unit latch/guard/conflict
}

@test "a call that waits on a datagram socket which btnsd disconnects from its peer gets an ICMP error, and no other socket does (L13)" {
    unit xfrm/local_icmp_error
}

@test "a connection that has lost its latch for good is reset, at its program and at its peer (L13, L14)" {
    unit running/reset_connection
}

@test "real overflows of the kernel's reports: reported last, and followed by a comparison (L22)" {
    unit reports/overflow
}

@test "keys for signing: what a key file may contain, and that no child process gets a key (O87)" {
    unit rules/files/sign_key
}

@test "TCP-AO: a file's keys, each fault with its line, and no message quotes a secret (T10, O87)" {
    unit rules/files/ao_keys
}

@test "a key file changes: living connections get its keys, and ask their peers to sign with the next one (T10)" {
    unit running/living_ao_keys
}
@test "TCP-AO: the octets that the kernel gets, and the message if it has no TCP-AO (T10, mock)" {
    unit tcp/ao
}

@test "files are replaced whole or not at all; arrays grow" {
    unit base/file
}

@test "the SAs of a reqid in a snapshot of the SAD, and those between two hosts; which addresses are this host" {
    unit xfrm/snapshot
}

@test "a user's requests take a limited time in one round; then other users' are read" {
    unit server/turn
}

@test "a user's patterns are bounded, because others wait for decisions about them" {
    unit users/patterns
}

@test "rules of nftables that change a destination are told from other rules, also in malformed messages" {
    unit xfrm/nft_decode
}

@test "the audit of TCP: segments read and written, the answers that are right for each, throttle, ports, settings (T1 to T9)" {
    unit ctl/audit
}

@test "counters of segments that were dropped because of their signature (T10)" {
    unit tcp/sign_counters
}

@test "a statement about a new host key is believed if a known key has signed it, and it is valid now" { unit reports/vouched; }

@test "the file of names: each key's name and words; revoked keys and names that differ only in case are left out" {
    unit running/inner_names
}

@test "a key's inner address, as another program computes it; it is never a host's own address" {
    unit wire/inner_address
}
