/* Fuzzes the parser of the TCP-AO key file: what it accepts is complete. */
#include "btnsd/rules/files/ao_keys.h"
#include "btnsd/rules/model/names.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void demand(bool condition)
{
    if (!condition)
        abort();
}

static void demand_key(const struct ao_key *k, const char *text, size_t len)
{
    const char *secret = (const char *)k->secret;
    demand(k->len >= 1 && k->len <= SIGN_KEY_MAX && policy_ao_algorithms[k->algorithm]);
    demand(secret > text && secret + k->len <= text + len && secret[-1] == ' ');
    demand(!memchr(secret, 0, k->len) && !memchr(secret, '\n', k->len));
    demand(secret + k->len == text + len || secret[k->len] == '\n');
}

static void demand_keys(const struct ao_key *key, unsigned n, const char *text, size_t len)
{
    unsigned current = 0, next = 0;
    demand(n >= 1 && n <= AO_KEYS_MAX);
    for (unsigned i = 0; i < n; i++) {
        demand_key(&key[i], text, len);
        current += key[i].current;
        next += key[i].next;
        for (unsigned k = 0; k < i; k++)
            demand(key[k].send_id != key[i].send_id && key[k].receive_id != key[i].receive_id);
    }
    demand(current == 1 && next == 1);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct ao_key key[AO_KEYS_MAX];
    struct err err = {""};
    unsigned n = 0;
    char *text = malloc(
        size ? size : 1); /* of exactly this size, so that a sanitizer sees a read beyond it */
    if (!text)
        return 0;
    if (size)
        memcpy(text, data, size);
    if (!ao_keys_parse(text, size, key, &n, &err)) {
        demand_keys(key, n, text, size);
    } else {
        demand(err.text[0]);
        for (const char *c = err.text; *c; c++)
            demand(*c >= ' ' && *c <= '~');
    }
    free(text);
    return 0;
}
