/* The file of a rule with auth = ao: keys of TCP-AO (RFC 5925), one a line. */
#ifndef BTNS_RULES_FILES_AO_KEYS_H
#define BTNS_RULES_FILES_AO_KEYS_H

#include "btnsd/rules/model/rules.h"
#include "libapi/wire/err.h"

/*
 * Pure. A line is ROLE SEND-ID RECEIVE-ID ALGORITHM SECRET, with single spaces between; a line that
 * is empty or begins with # says nothing. The secret is the rest of the line, and stays where it
 * is: the keys point into text. 0 with *n keys; -EINVAL with err, which quotes nothing of the file.
 */
int ao_keys_parse(const char *text, size_t len, struct ao_key key[AO_KEYS_MAX], unsigned *n,
                  struct err *err);

#endif
