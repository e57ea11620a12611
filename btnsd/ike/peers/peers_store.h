/* known_peers in memory, between asking (peers.c) and changing (peers_change.c). */
#ifndef BTNS_PEERS_STORE_H
#define BTNS_PEERS_STORE_H

#include "btnsd/base/file.h"
#include "btnsd/ike/peers/peers.h"

/*
 * Both indexes are open hash tables, at most half full because they are sized by cap; a slot holds
 * 1
 * + the number of a peer, 0 when free. Peers are changed seldom and then written out whole, so a
 * change makes a new list and new indexes: simpler than deleting from a hash, and undone by
 * dropping them.
 */
struct peers {
    char path[FILE_PATH];
    struct peer *list;
    size_t count, cap; /* cap: a power of two */
    uint32_t *by_key;  /* 2 * cap */
    uint32_t *by_addr; /* 2 * cap * PEER_ADDRS */
    uint64_t seed;     /* strangers choose keys: they must not choose where these fall */
    uint64_t written;  /* when, in seconds since 1970 */
    bool (*needed)(void *arg, const struct btns_key *k); /* or NULL: nobody is */
    void *needs;
};

/* The slot where a key or an address is, or would be. */
uint32_t *peers_key_slot(const struct peers *p, const struct btns_key *k);
uint32_t *peers_addr_slot(const struct peers *p, const struct btns_addr *a);
/* A copy of p with room for count peers, its indexes still empty; false: no memory. */
bool peers_copy(struct peers *c, const struct peers *p, size_t count);
/* peers_victim.c: who goes when it is full; .count: nobody may. */
size_t peers_victim(const struct peers *p);
void peers_reindex(struct peers *p);
void peers_drop(struct peers *p); /* what it holds, not itself */

#endif
