/*
 * Hosts with which protection failed a moment ago: a rule that prefers protection does not wait for
 * them again. When there are too many, the oldest makes room.
 */
#ifndef BTNS_STATE_RECENT_FAILURES_H
#define BTNS_STATE_RECENT_FAILURES_H

#include "libapi/wire/addr.h"

#include <stdint.h>

#define RECENT_FAILURES   64
#define RECENT_FAILURE_MS 30000

struct recent_failures {
    struct recent_failure {
        struct btns_addr addr;
        uint64_t until; /* ms, loop_now */
        char why[256];
    } item[RECENT_FAILURES];
};

/* `why` is copied, and cut where it is too long. The address' port does not count. */
void recent_failure_add(struct recent_failures *f, const struct btns_addr *a, const char *why);
/* Why protection failed with this host a moment ago; NULL: it did not. */
const char *recent_failure_find(const struct recent_failures *f, const struct btns_addr *a);

#endif
