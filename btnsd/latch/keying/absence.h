/*
 * The network says that nobody has IKE at an address. That can be forged, and a daemon that is
 * restarting looks the same: it shortens a wait, and alone it never means that anything may go in
 * the clear but what a rule only prefers to protect. Pure.
 */
#ifndef BTNS_LATCH_KEYING_ABSENCE_H
#define BTNS_LATCH_KEYING_ABSENCE_H

#include "btnsd/xfrm/port_probe.h"

#include <stdbool.h>

/* After IKE's first retransmission. */
#define ABSENCE_AGAIN_MS 1100

enum absence_next {
    ABSENCE_IGNORED,
    ABSENCE_AGAIN, /* ask again after IKE's next try */
    ABSENCE_ENDS,  /* the exchange need not go on */
};

struct absence {
    enum port_answer answer;
    bool known;     /* a peer is known at the address: it runs btnsd, and may be restarting */
    bool preferred; /* all that wait only prefer protection */
    unsigned times; /* that such an answer has come, this one included */
};

enum absence_next absence_next(const struct absence *a);

#endif
