/* Derives the inner address of a host in BEET mode from its key. */
#include "libapi/wire/inner_address.h"

#include <arpa/inet.h>
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

const char *inner_address_str(const struct btns_key *k, char buf[INNER_ADDRESS_STR])
{
    struct in6_addr inner;
    if (!inner_address_of_key(k->raw, &inner) ||
        !inet_ntop(AF_INET6, &inner, buf, INNER_ADDRESS_STR))
        strcpy(buf, "-");
    return buf;
}
