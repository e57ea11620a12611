/* The addresses of this host's interfaces. */
#ifndef BTNS_XFRM_OWN_ADDRESSES_H
#define BTNS_XFRM_OWN_ADDRESSES_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stddef.h>

struct own_addresses {
    struct btns_addr *addr; /* port and scope 0; no duplicates */
    size_t n, room;
};

/* Reads them into *o, whose earlier content is overwritten. 0, or -errno with *o empty. */
int own_addresses_read(struct own_addresses *o);
/* Adds an address unless it is in the list. 0 or -ENOMEM. */
int own_addresses_add(struct own_addresses *o, const struct btns_addr *a);
bool own_addresses_have(const struct own_addresses *o, const struct btns_addr *a);
void own_addresses_free(struct own_addresses *o);

#endif
