/*
 * Remembers for hours which hosts run no btnsd, for rules that prefer protection, so that it is not
 * found out again for each connection. Also remembers hosts that answer IKE, but later than such a
 * rule waits for an unknown host. A known peer is never in this table.
 */
#ifndef BTNS_STATE_PLAIN_HOSTS_H
#define BTNS_STATE_PLAIN_HOSTS_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PLAIN_HOURS 6
#define PLAIN_SETS  256 /* a power of two */
#define PLAIN_WAYS  4   /* when a set is full, a new host replaces its oldest */
#define PLAIN_TEXT  160

enum plain { PLAIN_UNKNOWN, PLAIN_WITHOUT, PLAIN_SLOW };

struct plain_hosts {
    struct plain_host {
        struct btns_addr addr; /* port 0 */
        enum plain what;
        uint64_t until; /* seconds since 1970, so that a restart does not change it */
    } host[PLAIN_SETS][PLAIN_WAYS];
};

/* The port of the address is ignored. now: seconds since 1970. */
void plain_host_add(struct plain_hosts *h, const struct btns_addr *a, enum plain what,
                    uint64_t now);
/* With PLAIN_WITHOUT, text (NULL: not wanted) describes the entry for a person. */
enum plain plain_host_find(const struct plain_hosts *h, const struct btns_addr *a, uint64_t now,
                           char text[PLAIN_TEXT]);
/* False: the address had no entry. */
bool plain_host_forget(struct plain_hosts *h, const struct btns_addr *a, uint64_t now);

/* Writes a line for each entry: ADDRESS UNTIL none|slow. Returns 0. */
int plain_hosts_print(FILE *f, const struct plain_hosts *h, uint64_t now);
/*
 * Reads such a line. False: it is malformed. An entry that has expired, or lasts too long, is left
 * out.
 */
bool plain_hosts_read(struct plain_hosts *h, const char *line, uint64_t now);

#endif
