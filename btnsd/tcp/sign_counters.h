/*
 * The kernel's counters of TCP segments that were dropped for their signature (RFC 2385, RFC 5925).
 */
#ifndef BTNS_TCP_SIGN_COUNTERS_H
#define BTNS_TCP_SIGN_COUNTERS_H

#include <stdbool.h>
#include <stdint.h>

enum sign_counter {
    MD5_NOT_FOUND,  /* unsigned, from a peer that must sign */
    MD5_UNEXPECTED, /* signed, from a peer without a key here */
    MD5_FAILURE,    /* signed with another key */
    AO_REQUIRED,    /* the same three of TCP-AO */
    AO_KEY_NOT_FOUND,
    AO_BAD,
    SIGN_COUNTERS
};
struct sign_counters {
    uint64_t of[SIGN_COUNTERS];
};

/* Reads the counters from the text of /proc/net/netstat. False: it has another form. Pure. */
bool sign_counters_parse(const char *text, struct sign_counters *c);
/* Reads the counters of btnsd's network namespace. */
bool sign_counters_read(struct sign_counters *c);
/*
 * Describes what was counted between the two readings; "": nothing. A kernel without TCP-MD5 or
 * TCP-AO counts nothing.
 */
#define SIGN_WORDS 480
const char *sign_counters_words(const struct sign_counters *from, const struct sign_counters *to,
                                char buf[SIGN_WORDS]);

#endif
