/*
 * The verdict cache: by protocol and destination, by datagram socket and destination, or by
 * listener.
 */
#ifndef BTNS_SHIM_VERDICTS_H
#define BTNS_SHIM_VERDICTS_H

#include "shim/cache.h"
#include "shim/link.h"

struct verdict {
    link_name link; /* the link to the btnsd that gave the verdict */
    uint64_t epoch;
    uint64_t netns; /* the network namespace of the socket and the link, never 0; less than 2^56 */
    uint64_t kind;  /* enum btns_verdict */
};

struct cache_key verdict_key_remote(int protocol, const struct btns_addr *remote);
/* The key for datagrams of one socket (known.h). Returns false if the address has a scope. */
bool verdict_key_datagram(struct cache_key *key, uint32_t socket, const struct btns_addr *remote);
struct cache_key verdict_key_listener(uint64_t cookie);

bool verdict_find(const struct cache_key *key, struct verdict *v);
void verdict_keep(const struct cache_key *key, const struct verdict *v);

#endif
