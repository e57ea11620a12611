/* A peer's public key, which is its identity, and the key's textual forms. */
#include "libapi/wire/key.h"

#include <openssl/evp.h>
#include <stdio.h>

static const char *const prefixes[] = {[false] = "ed25519:", [true] = "sha256:"};

const char *btns_key_str(const struct btns_key *k, char buf[BTNS_KEY_STR])
{
    unsigned char b64[48];
    EVP_EncodeBlock(b64, k->raw, sizeof k->raw);
    snprintf(buf, BTNS_KEY_STR, "%s%s", prefixes[k->hashed], (char *)b64);
    return buf;
}

const char *btns_key_short(const struct btns_key *k, char buf[BTNS_KEY_SHORT])
{
    char all[BTNS_KEY_STR];
    snprintf(buf, BTNS_KEY_SHORT, "%.*s", (int)strlen(prefixes[k->hashed]) + 10,
             btns_key_str(k, all));
    return buf;
}

static bool parse_key(struct btns_key *k, const char *text, bool hashed)
{
    unsigned char raw[48];
    char again[BTNS_KEY_STR];
    size_t n = strlen(prefixes[hashed]);
    if (strlen(text) != n + 44 || strncmp(text, prefixes[hashed], n))
        return false;
    if (EVP_DecodeBlock(raw, (const unsigned char *)text + n, 44) != 33)
        return false;
    *k = btns_key_of(raw, hashed);
    /* Accepts only the canonical spelling, so that a key has exactly one text. */
    return !strcmp(btns_key_str(k, again), text);
}

bool btns_key_parse(struct btns_key *k, const char *text)
{
    return parse_key(k, text, false);
}

bool btns_key_reread(struct btns_key *k, const char *text)
{
    return parse_key(k, text, false) || parse_key(k, text, true);
}

bool btns_peer_name_ok(const char *name)
{
    static const char chars[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "0123456789._+-";
    size_t len = strlen(name);
    return len && len < BTNS_PEER_NAME && strspn(name, chars) == len && strcmp(name, "any-of-ca") &&
           strcmp(name, "any-key") && strcmp(name, "-");
}
