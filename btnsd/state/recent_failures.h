/*
 * Remembers hosts with which protection has just failed, so that not every connect() starts an
 * exchange and holds packets. A rule that prefers protection then goes on in the clear; a rule that
 * demands it refuses at once, but only where nobody answered IKE at all.
 */
#ifndef BTNS_STATE_RECENT_FAILURES_H
#define BTNS_STATE_RECENT_FAILURES_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RECENT_FAILURE_MS 30000
/*
 * For rules that demand protection, the first silence of a host counts for this long, and each next
 * one twice as long, up to RECENT_FAILURE_MS.
 */
#define RECENT_SILENCE_MS 5000
/* How long each silence of a known peer counts: it runs btnsd and will be back. */
#define RECENT_KNOWN_MS 1000

#define RECENT_SETS 256 /* a power of two */
#define RECENT_WAYS 4   /* when a set is full, a new host replaces its oldest */

struct recent_failures {
    struct recent_failure {
        struct btns_addr addr;
        uid_t uid;      /* whose failure it was */
        bool silent;    /* the host did not answer: that counts for every user */
        uint64_t until; /* ms, loop_now: until then it counts for rules that prefer protection */
        uint64_t shut;  /* until then it counts for rules that demand protection, too */
        unsigned times; /* number of silences in a row */
        char why[128];
    } item[RECENT_SETS][RECENT_WAYS];
};

/*
 * Protection failed between uid and this host. The port of the address is ignored; a long `why` is
 * cut.
 */
void recent_failure_add(struct recent_failures *f, const struct btns_addr *a, uid_t uid,
                        const char *why);
/* Nobody answered IKE at this address: that counts for every uid. */
void recent_failure_silent(struct recent_failures *f, const struct btns_addr *a, const char *why);
/* Why protection with this host has just failed, as far as it concerns uid; NULL: it has not. */
const char *recent_failure_find(const struct recent_failures *f, const struct btns_addr *a,
                                uid_t uid);
/*
 * Why even a rule that demands protection should not ask this host now, or NULL. known: the host is
 * a known peer.
 */
const char *recent_failure_shut(const struct recent_failures *f, const struct btns_addr *a,
                                bool known);
/* The host answers, or somebody says that it will: forgets its failures. False: there were none. */
bool recent_failure_forget(struct recent_failures *f, const struct btns_addr *a);

#endif
