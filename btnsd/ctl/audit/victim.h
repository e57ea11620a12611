/* A throw-away connection over the loopback link, and its exact sequence numbers. */
#ifndef BTNS_CTL_AUDIT_VICTIM_H
#define BTNS_CTL_AUDIT_VICTIM_H

#include "btnsd/ctl/audit/attacks.h"
#include "btnsd/ctl/audit/tap.h"

/*
 * A connection of which both ends are ours. The victim's program is attacked; the attacker pretends
 * to be its peer.
 */
struct victim {
    int fd, peer;
    struct btns_addr at, peer_at;
    struct segment last; /* from the peer: its window and timestamps */
};

/*
 * Makes the connection, and sends more than a window from victim to peer: Linux lets the lower
 * limit of SEG.ACK reach no further back than the data that was acknowledged. False with err.
 */
bool victim_new(struct victim *v, struct tap *t, int family, struct err *err);
/* Ends the connection without a packet. */
void victim_free(struct victim *v);
bool victim_numbers(const struct victim *v, struct numbers *n, struct err *err);
bool victim_alive(const struct victim *v);
/* How much data the program received that its peer did not send. */
uint32_t victim_taken(const struct victim *v);
/*
 * Opens a listener on the loopback address of this family, and gets its address; -1: errno says
 * why.
 */
int victim_loopback_listener(int family, int backlog, struct btns_addr *at);

#endif
