/*
 * Reads keys of TCP-MD5 and TCP-AO from root's files, and keeps them where no child process sees
 * them.
 */
#ifndef BTNS_RULES_FILES_SIGN_KEY_H
#define BTNS_RULES_FILES_SIGN_KEY_H

#include "btnsd/rules/model/arena.h"
#include "btnsd/rules/model/rules.h"
#include "libapi/wire/err.h"

/* The keys of one generation; each file is read once. */
struct sign_keys;

/*
 * Reads root's file, which nobody else may be able to read. For TCP-MD5, the key is the file's
 * octets without a last newline; for TCP-AO see ao_keys.h. NULL with err. *all: the keys so far;
 * NULL at first.
 */
const struct sign_key *sign_key_read(struct sign_keys **all, struct policy_arena *arena,
                                     const char *path, enum sign_auth auth, struct err *err);
/* Overwrites the keys with zeros and frees them. */
void sign_keys_free(struct sign_keys *all);

#endif
