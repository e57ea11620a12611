/* A throw-away connection over the loopback link, and its exact sequence numbers. */
#ifndef BTNS_CTL_AUDIT_VICTIM_H
#define BTNS_CTL_AUDIT_VICTIM_H

#include "btnsd/ctl/audit/attacks.h"
#include "btnsd/ctl/audit/tap.h"

/* Its program is attacked; its peer is who the attacker pretends to be. Both are ours. */
struct victim {
    int fd, peer;
    struct btns_addr at, peer_at;
    struct segment last; /* from the peer: its window and timestamps */
};

/*
 * Makes the connection, and sends more than a window from victim to peer: Linux applies the lower
 * limit of SEG.ACK no further back than what was acknowledged. False with err.
 */
bool victim_new(struct victim *v, struct tap *t, int family, struct err *err);
/* Ends it without a packet. */
void victim_free(struct victim *v);
bool victim_numbers(const struct victim *v, struct numbers *n, struct err *err);
bool victim_alive(const struct victim *v);
/* How much data the program received that its peer did not send. */
uint32_t victim_taken(const struct victim *v);
/* A listener on the loopback address of this family, and its address; -1: errno says why not. */
int loopback_listener(int family, int backlog, struct btns_addr *at);

#endif
