/* Who would speak for an address: what is known of it, and what is decided. */
#ifndef BTNS_LATCH_ADMISSION_APPLICANT_H
#define BTNS_LATCH_ADMISSION_APPLICANT_H

#include "btnsd/latch/guard/guard.h"

/* Who would speak for an address, and how it is known. */
struct applicant {
    const struct btns_addr *local, *remote;
    const struct btns_key *key;
    const struct credential *cert; /* or NULL: a raw key */
};

/*
 * May this applicant speak for the address, under this demand? service: ours or theirs as the
 * point says; all zero: none in particular.
 */
bool guards_admit(const struct guards *gs, const struct applicant *who, enum point point,
                  struct service service, const struct demand *demand, struct err *err);

#endif
