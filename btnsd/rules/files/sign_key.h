/* Keys for TCP-MD5 (RFC 2385): read from root's files, kept where no child process sees them. */
#ifndef BTNS_RULES_SIGN_KEY_H
#define BTNS_RULES_SIGN_KEY_H

#include "btnsd/rules/model/arena.h"
#include "libapi/wire/err.h"

#include <stdbool.h>
#include <stdint.h>

#define SIGN_KEY_MAX 80 /* octets: TCP_MD5SIG_MAXKEYLEN */

struct sign_key {
    const char *file;
    const uint8_t *secret; /* all zero in what this process forks: the policy reader is one such */
    size_t len;
};

/* The keys of one generation, each file's once. */
struct sign_keys;

/*
 * The key in root's file, which nobody else may read: its octets without a last newline. NULL with
 * err. *all: NULL at first.
 */
const struct sign_key *sign_key_read(struct sign_keys **all, struct policy_arena *arena,
                                     const char *path, struct err *err);
bool sign_key_same(const struct sign_key *a, const struct sign_key *b);
/* Zeroes them. */
void sign_keys_free(struct sign_keys *all);

#endif
