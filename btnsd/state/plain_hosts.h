/*
 * Hosts that were seen to run no btnsd, for rules that prefer protection: hours later it need not
 * be found out again. Also those that answer IKE, but more slowly than such a rule waits for a host
 * that it does not know. A peer that is known is never among them.
 */
#ifndef BTNS_STATE_PLAIN_HOSTS_H
#define BTNS_STATE_PLAIN_HOSTS_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define PLAIN_HOURS 6
#define PLAIN_SETS  256 /* a power of two */
#define PLAIN_WAYS  4   /* when a set is full, its oldest makes room */
#define PLAIN_TEXT  160

enum plain { PLAIN_UNKNOWN, PLAIN_WITHOUT, PLAIN_SLOW };

struct plain_hosts {
    struct plain_host {
        struct btns_addr addr; /* port 0 */
        enum plain what;
        uint64_t until; /* seconds since 1970, so that a restart does not change it */
    } host[PLAIN_SETS][PLAIN_WAYS];
};

/* The address' port does not count. now: seconds since 1970. */
void plain_host_add(struct plain_hosts *h, const struct btns_addr *a, enum plain what,
                    uint64_t now);
/* With PLAIN_WITHOUT, text (NULL: not wanted) says for a person what is remembered. */
enum plain plain_host_find(const struct plain_hosts *h, const struct btns_addr *a, uint64_t now,
                           char text[PLAIN_TEXT]);
/* False: nothing was remembered. */
bool plain_host_forget(struct plain_hosts *h, const struct btns_addr *a, uint64_t now);

/* A line for each: ADDRESS UNTIL none|slow. 0. */
int plain_hosts_print(FILE *f, const struct plain_hosts *h, uint64_t now);
/* Takes such a line. False: it is none. An entry that has expired, or lasts too long, is left out.
 */
bool plain_hosts_read(struct plain_hosts *h, const char *line, uint64_t now);

#endif
