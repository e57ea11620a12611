/*
 * Finds the author who signed a text, by detached Ed25519 signatures (RFC 8032) over all of its
 * octets.
 */
#ifndef BTNS_RULES_FILES_SIGNATURE_H
#define BTNS_RULES_FILES_SIGNATURE_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/rules/read/read.h"

#define SIGNATURE_SIZE 64

/* The author whose key made the signature, or NULL. The text itself is not parsed. */
const struct policy_author *signature_author(const struct rules *authors,
                                             const struct policy_text *text,
                                             const uint8_t signature[SIGNATURE_SIZE]);

#endif
