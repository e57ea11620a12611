/* Limits how many IKE SAs a peer has with us under one connection. Pure. */
#ifndef BTNS_IKE_PRIVATE_IKE_SAS_H
#define BTNS_IKE_PRIVATE_IKE_SAS_H

#include <stdint.h>

/*
 * There are two when both ends begin at once, and one more each time a peer has lost its state and
 * we have not noticed yet. Without a limit, a peer with a proved key could make any number of IKE
 * SAs, some 12 kB each.
 */
#define IKE_SAS_MAX 8

struct ike_sas {
    uint32_t id[IKE_SAS_MAX]; /* charon's numbers, never 0; oldest first */
    unsigned n;
};

/* Adds an IKE SA. Returns the one that must be ended to make room, or 0. */
uint32_t ike_sas_add(struct ike_sas *s, uint32_t id);
void ike_sas_drop(struct ike_sas *s, uint32_t id);
/* A rekey has replaced `was` by `now`. */
void ike_sas_rename(struct ike_sas *s, uint32_t was, uint32_t now);

#endif
