/*
 * Decides what follows when the network says that nobody runs IKE at an address. Such an answer can
 * be forged, and a daemon that is restarting looks the same. So it only shortens a wait; by itself
 * it lets nothing go in the clear but connections that only prefer protection. Pure.
 */
#ifndef BTNS_LATCH_KEYING_ABSENCE_H
#define BTNS_LATCH_KEYING_ABSENCE_H

#include "btnsd/xfrm/port_probe.h"

#include <stdbool.h>

/* A little after IKE's first retransmission. */
#define ABSENCE_AGAIN_MS 1100

enum absence_next {
    ABSENCE_IGNORED,
    ABSENCE_AGAIN, /* ask again after IKE's next try */
    ABSENCE_ENDS,  /* the exchange need not go on */
};

struct absence {
    enum port_answer answer;
    bool known;     /* a peer is known at the address: it runs btnsd, which may be restarting */
    bool preferred; /* all requests that wait only prefer protection */
    unsigned times; /* how often such an answer has come, including this one */
};

enum absence_next absence_next(const struct absence *a);

#endif
