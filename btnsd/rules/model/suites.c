/* The table of ESP suites that profiles may ask for. */
#include "btnsd/rules/model/suites.h"

#include <stddef.h>
#include <string.h>

/* Key lengths are RFC 4106's and RFC 7634's: the cipher's key and 32 bits of salt. */
const struct suite suites[] = {
    {"aes256gcm16", "rfc4106(gcm(aes))", 288},
    {"aes128gcm16", "rfc4106(gcm(aes))", 160},
    {"chacha20poly1305", "rfc7539esp(chacha20,poly1305)", 288},
    {NULL, NULL, 0},
};

const struct suite *suite_named(const char *name)
{
    for (const struct suite *s = suites; name && s->name; s++)
        if (!strcmp(s->name, name))
            return s;
    return NULL;
}

const struct suite *suite_or_default(const char *name)
{
    const struct suite *s = suite_named(name);
    return s ? s : suites;
}

const char *suite_text(const char *name)
{
    const struct suite *s = suite_named(name);
    return s ? s->name : NULL;
}

bool suite_serves(const struct suite *has, const struct suite *asked)
{
    return has == asked || has->key_bits > asked->key_bits;
}

bool suite_is_strongest(const struct suite *s)
{
    for (const struct suite *o = suites; o->name; o++)
        if (o->key_bits > s->key_bits)
            return false;
    return true;
}
