/* A key as words that two people can read to each other over the telephone. */
#ifndef BTNS_LIBAPI_WIRE_KEY_WORDS_H
#define BTNS_LIBAPI_WIRE_KEY_WORDS_H

#include "libapi/wire/key.h"

#define BTNS_KEY_WORDS 36 /* six words of five letters, dashes between, NUL-terminated */

/*
 * Six words, 96 bits of the key's SHA-256: to make a key with the words of another one takes as
 * long as to guess 96 bits. "-" if there is no SHA-256.
 */
const char *btns_key_words(const struct btns_key *k, char buf[BTNS_KEY_WORDS]);

#endif
