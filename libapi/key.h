/* A peer's Ed25519 public key, which is its identity, and the ways it is written. */
#ifndef BTNS_KEY_H
#define BTNS_KEY_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct btns_key {
    uint8_t raw[32];
};

#define BTNS_KEY_STR   56 /* "ed25519:" and 44 of base64 */
#define BTNS_KEY_SHORT 20 /* "ed25519:" and 10 of base64 */

const char *btns_key_str(const struct btns_key *k, char buf[BTNS_KEY_STR]);
const char *btns_key_short(const struct btns_key *k, char buf[BTNS_KEY_SHORT]);
/* "ed25519:<44 of base64>", exactly. */
bool btns_key_parse(struct btns_key *k, const char *text);

static inline bool btns_key_equal(const struct btns_key *a, const struct btns_key *b)
{
    return !memcmp(a->raw, b->raw, sizeof a->raw);
}

#endif
