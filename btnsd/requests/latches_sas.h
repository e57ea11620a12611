/*
 * Fills in the SAs of a guard, with the octets and packets that each has carried (latching -02,
 * 2.2).
 */
#ifndef BTNS_REQUESTS_LATCHES_SAS_H
#define BTNS_REQUESTS_LATCHES_SAS_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/xfrm/snapshot.h"

/* Fills in those SAs of `sad` that carry packets of g; if not all fit, leaves out the newest. */
void latch_sas_fill(const struct sad_snapshot *sad, const struct guard *g,
                    struct btns_latch_sa sa[BTNS_LATCH_SAS]);

#endif
