/* The addresses from which this host's packets may leave: its interfaces' and its local routes'. */
#ifndef BTNS_XFRM_OWN_ADDRESSES_H
#define BTNS_XFRM_OWN_ADDRESSES_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stddef.h>

/* An interface's address (all its bits), or the prefix of a local route (AnyIP). */
struct own_address {
    struct btns_addr net; /* port and scope 0 */
    unsigned bits;
};

struct own_addresses {
    struct own_address *item; /* each once */
    size_t n, room;
    size_t routes;   /* how many are there because of a route alone */
    size_t left_out; /* routes for which there was no room */
    bool partial;    /* not all routes could be read */
};

#define OWN_ROUTES_MAX 256u

/*
 * Reads the interfaces' addresses into *o, whose earlier content is overwritten. 0, or -errno with
 * *o empty.
 */
int own_addresses_read(struct own_addresses *o);
/* Adds the address or prefix, unless it is in the list. 0 or -ENOMEM. */
int own_addresses_add(struct own_addresses *o, const struct btns_addr *net, unsigned bits);
/* Adds the prefixes of routes that are not there yet. 0 or -errno (some may be missing). */
int own_addresses_add_local_routes(struct own_addresses *o);
/* Is exactly this address or prefix in the list? */
bool own_addresses_list(const struct own_addresses *o, const struct own_address *one);
/* Is the address in the list, or inside a prefix of the list? */
bool own_addresses_have(const struct own_addresses *o, const struct btns_addr *a);
bool own_address_is_host(const struct own_address *one);
void own_addresses_free(struct own_addresses *o);

#endif
