/* A key as words that two people can read to each other over the telephone. */
#ifndef BTNS_LIBAPI_WIRE_KEY_WORDS_H
#define BTNS_LIBAPI_WIRE_KEY_WORDS_H

#include "libapi/wire/key.h"

#define BTNS_KEY_WORDS 36 /* six words of five letters with dashes between them, NUL-terminated */

/*
 * Six words for 96 bits of the key's SHA-256: finding another key with the same words takes about
 * 2^96 attempts. "-" if there is no SHA-256.
 */
const char *btns_key_words(const struct btns_key *k, char buf[BTNS_KEY_WORDS]);

#endif
