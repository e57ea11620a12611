/*
 * The members of struct peers, for the files that search known_peers (peers.c) and change it
 * (peers_change.c).
 */
#ifndef BTNS_IKE_PEERS_PEERS_STORE_H
#define BTNS_IKE_PEERS_PEERS_STORE_H

#include "btnsd/base/file.h"
#include "btnsd/ike/peers/peers.h"

#include <netinet/in.h>

#define PEERS_FILES 256 /* of the administrator's */

/*
 * The indexes are open hash tables, at most half full because cap sets their size. A slot holds 1
 * + the number of a peer; 0: free. Peers seldom change, and then the file is written whole. So a
 * change makes a new list with new indexes: that is simpler than deleting from a hash table, and
 * dropping them undoes the change.
 */
struct peers {
    char path[FILE_PATH];
    struct peer *list;
    size_t count, cap;      /* cap: a power of two */
    uint32_t *by_key;       /* 2 * cap */
    uint32_t *by_addr;      /* 2 * cap * PEER_ADDRS */
    uint32_t *by_name;      /* 2 * cap; only peers that have a name */
    struct in6_addr *inner; /* cap: of each peer's key, computed when first asked for */
    uint64_t seed;          /* strangers choose keys, but must not choose their slots */
    uint64_t written;       /* when the file was written, in seconds since 1970 */
    bool (*needed)(void *arg, const struct btns_key *k); /* NULL: no peer is needed */
    void *needs;
    void (*changed)(void *arg); /* NULL: nobody is told */
    void *told;
    struct peers *fleet;     /* peers in the administrator's files; NULL: none */
    struct revoked *revoked; /* NULL: none */
    char *name[PEERS_FILES]; /* of a fleet: its files */
    size_t names;
};

/* Like peers_by_key() and peers_by_addr(), but search p alone, and not its fleet. */
const struct peer *peers_own_key(const struct peers *p, const struct btns_key *k);
const struct peer *peers_own_addr(const struct peers *p, const struct btns_addr *a);
/* peers_inner.c */
const struct peer *peers_own_inner(const struct peers *p, const struct btns_addr *a);
const struct peer *peers_own_name(const struct peers *p, const char *name);
/* The slot of a key, an address or a name, or the free slot where it belongs. */
uint32_t *peers_key_slot(const struct peers *p, const struct btns_key *k);
uint32_t *peers_addr_slot(const struct peers *p, const struct btns_addr *a);
uint32_t *peers_name_slot(const struct peers *p, const char *name);
/* Copies p, with room for count peers; the copy's indexes are empty. False: no memory. */
bool peers_copy(struct peers *c, const struct peers *p, size_t count);
/*
 * peers_victim.c: index of the peer to drop when the list is full; p->count: none may be dropped.
 */
size_t peers_victim(const struct peers *p);
void peers_reindex(struct peers *p);
/*
 * Enters the present values of peer number i into the indexes. False: another peer has its key, its
 * name or one of its addresses.
 */
bool peers_enter(struct peers *p, size_t i);
/* Puts a copy in p's place, once it is written to the file. 0 or -errno: p is as before. */
int peers_commit(struct peers *p, struct peers *changed, struct err *err);
void peers_drop(struct peers *p); /* frees what p holds, not p itself */

#endif
