/*
 * Processes whose link to btnsd was so full that a message about a connection they accepted may not
 * have found room (requests/missed_accepts.c).
 */
#ifndef BTNS_STATE_FULL_LINKS_H
#define BTNS_STATE_FULL_LINKS_H

#include "btnsd/base/loop.h"

#include <sys/socket.h>

#define FULL_LINKS 64

struct full_links {
    struct ucred process[FULL_LINKS];
    unsigned n;
    struct timer look; /* for their connections */
    uint64_t rest_ms;  /* the next look has to be so much later, as the last one took long */
};

#endif
