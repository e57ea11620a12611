/* The kernel's counters of TCP segments that were dropped for their signature (RFC 2385). */
#ifndef BTNS_TCP_MD5_COUNTERS_H
#define BTNS_TCP_MD5_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum md5_counter {
    MD5_NOT_FOUND,  /* unsigned, from a peer that must sign */
    MD5_UNEXPECTED, /* signed, from a peer for which there is no key */
    MD5_FAILURE,    /* signed with another key */
    MD5_COUNTERS
};
struct md5_counters {
    uint64_t of[MD5_COUNTERS];
};

/* Pure: from the text of /proc/net/netstat. False: it is not such a text. */
bool md5_counters_parse(const char *text, struct md5_counters *c);
/* Those of btnsd's network namespace. */
bool md5_counters_read(struct md5_counters *c);
/*
 * In words, what was counted between the two; "": nothing. Counters of a kernel without TCP-MD5 are
 * 0.
 */
#define MD5_WORDS 240
const char *md5_counters_words(const struct md5_counters *from, const struct md5_counters *to,
                               char buf[MD5_WORDS]);

#endif
