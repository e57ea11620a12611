/* Derives the inner address of a host in BEET mode from its key. */
#include "libapi/wire/inner_address.h"

#include <openssl/evp.h>

bool inner_address_of_key(const unsigned char key[32], struct in6_addr *inner)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    if (!EVP_Digest(key, 32, hash, NULL, EVP_sha256(), NULL))
        return false;
    memcpy(inner->s6_addr, INNER_PREFIX, INNER_PREFIX_OCTETS);
    memcpy(inner->s6_addr + INNER_PREFIX_OCTETS, hash, sizeof inner->s6_addr - INNER_PREFIX_OCTETS);
    return true;
}
