/*
 * Reads the administrator's list of revoked keys, and looks keys up in it: no peer and no
 * certificate may have one of these keys.
 */
#ifndef BTNS_IKE_PEERS_REVOKED_H
#define BTNS_IKE_PEERS_REVOKED_H

#include "libapi/wire/err.h"
#include "libapi/wire/key.h"

#include <stdbool.h>
#include <stddef.h>

#define REVOKED_DIR      "/etc/btns"
#define REVOKED_FILE     "revoked_keys"
#define REVOKED_MAX      65536      /* keys */
#define REVOKED_TEXT_MAX (4u << 20) /* octets of the file */

struct revoked;

/*
 * Reads a text with one key in each line, as btns_key_str() writes it (a certificate's key that is
 * not Ed25519 as a hash); # begins a comment. The text is changed, and text[len] must exist. NULL
 * with err, which says FILE:LINE, when any line is bad.
 */
struct revoked *revoked_from_text(const char *file, char *text, size_t len, struct err *err);
void revoked_free(struct revoked *r);
size_t revoked_count(const struct revoked *r);
const struct btns_key *revoked_at(const struct revoked *r, size_t i);
/* Is the key revoked? where: FILE:LINE, if it is. */
#define REVOKED_WHERE 320
bool revoked_has(const struct revoked *r, const struct btns_key *k, char where[REVOKED_WHERE]);

#endif
