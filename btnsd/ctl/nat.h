/* Prints which end of a latch is behind a NAT (latching -02, section 3; L10). */
#ifndef BTNS_CTL_NAT_H
#define BTNS_CTL_NAT_H

#include "libapi/tool/json.h"

#include "libapi/wire/wire.h"

/* Room for an address with its mark. */
#define NAT_ADDR_STR (BTNS_ADDR_STR + 8)

/*
 * Writes the address with its port, and "(nat)" if that end (BTNS_NAT_*) is behind a NAT; returns
 * buf.
 */
const char *nat_addr_str(const struct btns_latch_msg *l, const struct btns_addr *a, uint32_t end,
                         char buf[NAT_ADDR_STR]);
/* Prints the member "nat"; null if neither end is behind a NAT. */
void nat_json(struct json *j, const struct btns_latch_msg *l);

#endif
