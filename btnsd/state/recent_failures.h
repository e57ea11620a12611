/*
 * Hosts with which protection failed a moment ago, so that not every connect() there starts an
 * exchange and holds packets. A rule that prefers protection goes on without; one that demands it
 * refuses, but only where nobody answered IKE at all.
 */
#ifndef BTNS_STATE_RECENT_FAILURES_H
#define BTNS_STATE_RECENT_FAILURES_H

#include "libapi/wire/addr.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RECENT_FAILURE_MS 30000
/* The first silence counts so long for rules that demand protection, the next ones twice as long
 * each, up to RECENT_FAILURE_MS. */
#define RECENT_SILENCE_MS 5000
/* Each silence of a known peer, which has btnsd and will be back. */
#define RECENT_KNOWN_MS 1000

#define RECENT_SETS 256 /* a power of two */
#define RECENT_WAYS 4   /* when a set is full, its oldest makes room */

struct recent_failures {
    struct recent_failure {
        struct btns_addr addr;
        uid_t uid;      /* whose failure it was */
        bool silent;    /* nobody answered: it counts for every user */
        uint64_t until; /* ms, loop_now; it counts for rules that prefer */
        uint64_t shut;  /* until then it counts for those that demand, too */
        unsigned times; /* silences one after the other */
        char why[128];
    } item[RECENT_SETS][RECENT_WAYS];
};

/* uid could have no protection there. The address' port does not count; a long `why` is cut. */
void recent_failure_add(struct recent_failures *f, const struct btns_addr *a, uid_t uid,
                        const char *why);
/* Nobody answered IKE there: holds for every uid. */
void recent_failure_silent(struct recent_failures *f, const struct btns_addr *a, const char *why);
/* Why protection failed with this host a moment ago, as far as it concerns uid; NULL: it did not.
 */
const char *recent_failure_find(const struct recent_failures *f, const struct btns_addr *a,
                                uid_t uid);
/* Likewise why not even a rule that demands protection should ask there now, or NULL. known: the
 * host is a known peer. */
const char *recent_failure_shut(const struct recent_failures *f, const struct btns_addr *a,
                                bool known);
/* There is somebody, or somebody says that there is. False: nothing was remembered. */
bool recent_failure_forget(struct recent_failures *f, const struct btns_addr *a);

#endif
