/* known_peers, the Peer Authorization Database (RFC 4301): which key is known at which address. */
#ifndef BTNS_IKE_PEERS_PEERS_H
#define BTNS_IKE_PEERS_PEERS_H

#include "libapi/wire/addr.h"
#include "libapi/wire/err.h"
#include "libapi/wire/key.h"
#include "libapi/wire/wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_ADDRS 8
struct peer {
    struct btns_key key;
    struct btns_addr addr[PEER_ADDRS]; /* port 0; newest first */
    size_t addrs;
    uint64_t first_seen, last_seen; /* seconds since 1970 */
    uint32_t trust;                 /* enum btns_trust in wire.h */
    char name[BTNS_PEER_NAME];      /* given by the administrator; "": none */
    bool no_latch;        /* no latch to this peer may be made (latching -02, section 2.1) */
    struct btns_key heir; /* the key for which this peer's key vouches; only in memory */
    bool has_heir;
    struct btns_key before; /* the peer's former key, which vouched for its present one */
    bool has_before;
    const char *file; /* the administrator's file with this peer; NULL: known_peers */
    size_t line;
};
struct peers;
struct revoked;
#define PEERS_MAX 65536

/*
 * Reads known_peers from path; a missing file counts as empty. A malformed file is refused as a
 * whole: NULL, and err says file, line and reason.
 */
struct peers *peers_load(const char *path, struct err *err);
void peers_free(struct peers *p);
/*
 * A needed peer is never dropped to make room. When there are PEERS_MAX peers, a leap-of-faith peer
 * from the network with the most peers is dropped, the one not seen for the longest time first: a
 * flood of keys from one place displaces only its own.
 */
void peers_set_needed(struct peers *p, bool (*needed)(void *arg, const struct btns_key *k),
                      void *arg);
/* `changed` is called after each change of known_peers that adds or removes a key or a name. */
void peers_on_change(struct peers *p, void (*changed)(void *arg), void *arg);
/*
 * Sets the fleet: the peers in the administrator's files (peers.d), which no request changes. They
 * count as pinned, and override known_peers for the same key, address or name. NULL: none. Returns
 * the former fleet, which the caller frees; p owns the new one.
 */
struct peers *peers_set_fleet(struct peers *p, struct peers *fleet);
/* Does line `i` of the fleet contradict known_peers? If so, err says how. */
bool peers_contradiction(const struct peers *p, size_t i, struct err *err);
const struct peers *peers_fleet(const struct peers *p);
/* Sets the keys that no peer may have; ownership as with peers_set_fleet(). */
struct revoked *peers_set_revoked(struct peers *p, struct revoked *revoked);
const struct revoked *peers_revoked(const struct peers *p);

/* The pointers are valid until the next change, or the next peers_set_fleet(). */
size_t peers_count(const struct peers *p);
const struct peer *peers_at(const struct peers *p, size_t i);
const struct peer *peers_by_key(const struct peers *p, const struct btns_key *k);
/*
 * The peer that is known at this address (port ignored), or NULL. An inner address is that of the
 * peer with its key.
 */
const struct peer *peers_by_addr(const struct peers *p, const struct btns_addr *a);
/* Is the flag no_latch set for this key, in known_peers or in a file of the administrator's? */
bool peers_forbids_latch(const struct peers *p, const struct btns_key *k);
/* Is this peer of known_peers overridden, because a file of the administrator's has its key? */
bool peers_is_shadowed(const struct peers *p, const struct peer *peer);
/* The peer that has this name, or NULL. */
const struct peer *peers_by_name(const struct peers *p, const char *name);
/*
 * Records that k was proved at a (now: seconds since 1970), and replaces the file. The address is
 * taken from any other leap-of-faith peer that had it; -EEXIST if a pinned peer has it. 0 or
 * -errno; after an error memory and file are as before.
 */
int peers_seen(struct peers *p, const struct btns_key *k, const struct btns_addr *a, uint64_t now,
               struct err *err);
/*
 * The key `old` vouches for `heir`, which the peer uses from now on (rotation.h; the caller has
 * verified it): `heir` is accepted where `old` is known. False: no peer in known_peers has the key
 * `old`, one of the two is revoked, or the administrator has named another peer with the key
 * `heir`. Only the administrator changes a file of peers.
 */
bool peers_vouch(struct peers *p, const struct btns_key *old, const struct btns_key *heir);
/* Is `key` this peer's key or its heir, so that it is accepted as the peer's? */
bool peer_answers_to(const struct peer *peer, const struct btns_key *key);
/* Was `key` the peer's key before its present one? Latches to that key go on. */
bool peer_had(const struct peer *peer, const struct btns_key *key);
/* The heir was proved: it replaces `old`, and keeps its name, pin and addresses. */
int peers_succeed(struct peers *p, const struct btns_key *old, uint64_t now, struct err *err);
/*
 * Pins k for the administrator: at address a (NULL: keep its addresses) and with this name (NULL or
 * "": keep its name). The name is taken from any other peer that had it. Returns what peers_seen()
 * returns.
 */
int peers_pin(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
              const char *name, uint64_t now, struct err *err);
/*
 * Forgets the peer that known_peers has at this address, or with this key. -ENOENT when there is
 * none; a peer in a file of the administrator's stays.
 */
int peers_forget(struct peers *p, const struct btns_key *k, const struct btns_addr *a,
                 struct err *err);
/* Sets or clears no_latch of a known key. -ENOENT when the key is not known. */
int peers_set_no_latch(struct peers *p, const struct btns_key *k, bool on, struct err *err);

#endif
