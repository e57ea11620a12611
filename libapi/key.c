/* A peer's Ed25519 public key, which is its identity, and the ways it is written. */
#include "key.h"

#include <openssl/evp.h>
#include <stdio.h>

static const char prefix[] = "ed25519:";

const char *btns_key_str(const struct btns_key *k, char buf[BTNS_KEY_STR])
{
    unsigned char b64[48];
    EVP_EncodeBlock(b64, k->raw, sizeof k->raw);
    snprintf(buf, BTNS_KEY_STR, "%s%s", prefix, (char *)b64);
    return buf;
}

const char *btns_key_short(const struct btns_key *k, char buf[BTNS_KEY_SHORT])
{
    char all[BTNS_KEY_STR];
    snprintf(buf, BTNS_KEY_SHORT, "%.18s", btns_key_str(k, all));
    return buf;
}

bool btns_key_parse(struct btns_key *k, const char *text)
{
    unsigned char raw[48];
    char again[BTNS_KEY_STR];
    if (strlen(text) != sizeof prefix - 1 + 44 || strncmp(text, prefix, sizeof prefix - 1))
        return false;
    if (EVP_DecodeBlock(raw, (const unsigned char *)text + sizeof prefix - 1, 44) != 33)
        return false;
    memcpy(k->raw, raw, sizeof k->raw);
    /* Only the one canonical spelling: two texts must never be the same key. */
    return !strcmp(btns_key_str(k, again), text);
}
