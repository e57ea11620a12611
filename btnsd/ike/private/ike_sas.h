/* The IKE SAs that a peer has with us under one connection: how many it may have (pure). */
#ifndef BTNS_IKE_SAS_H
#define BTNS_IKE_SAS_H

#include <stdint.h>

/*
 * Two when both ends begin at once, one more for each time a peer has lost what it had and the old
 * one has not been missed yet. Who has proved a key could have any number, some 12 kB each.
 */
#define IKE_SAS_MAX 8

struct ike_sas {
    uint32_t id[IKE_SAS_MAX]; /* charon's numbers, never 0; oldest first */
    unsigned n;
};

/* One more. The one that has to go for it, or 0. */
uint32_t ike_sas_add(struct ike_sas *s, uint32_t id);
void ike_sas_drop(struct ike_sas *s, uint32_t id);
/* Rekeyed: `now` stands where `was` did. */
void ike_sas_rename(struct ike_sas *s, uint32_t was, uint32_t now);

#endif
