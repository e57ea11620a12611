/* Sends raw segments into the loopback link, as an attacker would, and captures what crosses it. */
#ifndef BTNS_CTL_AUDIT_TAP_H
#define BTNS_CTL_AUDIT_TAP_H

#include "btnsd/ctl/audit/segment.h"
#include "libapi/wire/err.h"

struct tap {
    int capture, raw[2]; /* raw: IPv4, IPv6 */
    int fence;           /* a datagram socket that talks to itself */
};

bool tap_open(struct tap *t, struct err *err);
void tap_close(struct tap *t);
/* Sends a segment as if it came from its source address. */
bool tap_send(struct tap *t, const struct segment *s);
/*
 * Waits until the kernel has handled everything sent before: loopback keeps packets in order, so
 * when a datagram has arrived, all earlier packets have, too. False: it did not arrive.
 */
bool tap_fence(struct tap *t);
/*
 * Gets the next captured segment from `from` to `to` (addresses and ports); false: there is none.
 * *lost is set if the capture has lost packets since the last call.
 */
bool tap_next(struct tap *t, const struct btns_addr *from, const struct btns_addr *to,
              struct segment *s, bool *lost);
/* Discards everything captured so far. */
void tap_drain(struct tap *t);

#endif
