/* Finds destination NAT in the tables of iptables-legacy, which nftables does not show. */
#ifndef BTNS_XFRM_LEGACY_NAT_H
#define BTNS_XFRM_LEGACY_NAT_H

#include "btnsd/xfrm/translators.h"

#include <stdint.h>

/* Searches this network namespace's tables. 0, also if there are none; or -errno. */
int translators_legacy(translator_found *found, void *arg);

/* The decoder, for tests. Its work is bounded for any table. */
struct legacy_layout {
    size_t header;  /* octets of a rule before its matches */
    size_t offsets; /* where a rule has the offsets of its target and of the next rule */
};
extern const struct legacy_layout legacy_ipv4, legacy_ipv6;

struct legacy_table {
    const uint8_t *blob;
    size_t size;
    const struct legacy_layout *layout;
    size_t output, output_end; /* the OUTPUT chain's first rule, and its last */
};

enum legacy_answer { LEGACY_PASSES, LEGACY_TRANSLATES, LEGACY_UNKNOWN };
/* Can a packet that this host sends reach a rule that changes its destination? */
enum legacy_answer legacy_output_translates(const struct legacy_table *t);

#endif
