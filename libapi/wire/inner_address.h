/*
 * The inner address of a host in BEET mode, which is derived from its key: fd62:746e:7300::/48,
 * then the first 80 bits of the key's SHA-256.
 */
#ifndef BTNS_LIBAPI_WIRE_INNER_ADDRESS_H
#define BTNS_LIBAPI_WIRE_INNER_ADDRESS_H

#include "libapi/wire/key.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <string.h>

#define INNER_PREFIX        "\xfd\x62tns\0"
#define INNER_PREFIX_OCTETS 6 /* the other 10 are of the key's hash */
#define INNER_PREFIX_BITS   48
#define INNER_PREFIX_TEXT   "fd62:746e:7300::/48"

/* The inner address of a raw Ed25519 key. False: there is no SHA-256. */
bool inner_address_of_key(const unsigned char key[32], struct in6_addr *inner);

#define INNER_ADDRESS_STR INET6_ADDRSTRLEN
/* The same as text; "-" if there is no SHA-256. Returns buf. */
const char *inner_address_str(const struct btns_key *k, char buf[INNER_ADDRESS_STR]);

/* Is this any key's inner address? Such an address is never that of a host on a network. */
static inline bool is_inner_address(const struct in6_addr *a)
{
    return !memcmp(a->s6_addr, INNER_PREFIX, INNER_PREFIX_OCTETS);
}

#endif
