/* Parses the file of a rule with auth = ao: keys of TCP-AO (RFC 5925), one in each line. */
#ifndef BTNS_RULES_FILES_AO_KEYS_H
#define BTNS_RULES_FILES_AO_KEYS_H

#include "btnsd/rules/model/rules.h"
#include "libapi/wire/err.h"

/*
 * Parses the text. A line is ROLE SEND-ID RECEIVE-ID ALGORITHM SECRET, with single spaces between;
 * empty lines and lines that begin with # are ignored. The secret is the rest of the line; it is
 * not copied: the keys point into text. 0 with *n keys; -EINVAL with err, which quotes nothing of
 * the file. Pure.
 */
int ao_keys_parse(const char *text, size_t len, struct ao_key key[AO_KEYS_MAX], unsigned *n,
                  struct err *err);

#endif
