/* Keys of TCP-MD5 and TCP-AO: read from root's files, kept where no child process sees them. */
#ifndef BTNS_RULES_FILES_SIGN_KEY_H
#define BTNS_RULES_FILES_SIGN_KEY_H

#include "btnsd/rules/model/arena.h"
#include "btnsd/rules/model/rules.h"
#include "libapi/wire/err.h"

/* The keys of one generation, each file once. */
struct sign_keys;

/*
 * Reads root's file, which nobody else may read: for TCP-MD5, the key is its octets without a last
 * newline; for TCP-AO see ao_keys.h. NULL with err. *all: the keys so far; NULL at first.
 */
const struct sign_key *sign_key_read(struct sign_keys **all, struct policy_arena *arena,
                                     const char *path, enum sign_auth auth, struct err *err);
/* Overwrites the keys with zeros and frees them. */
void sign_keys_free(struct sign_keys *all);

#endif
