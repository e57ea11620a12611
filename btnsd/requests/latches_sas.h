/* The SAs of guards, with what each has carried (latching -02, section 2.2). */
#ifndef BTNS_LIST_SAS_H
#define BTNS_LIST_SAS_H

#include "btnsd/latch/guard/guard.h"
#include "btnsd/xfrm/snapshot.h"

/* Those of `sad` that carry what g covers, the newest that do not fit left out. */
void latch_sas_fill(const struct sad_snapshot *sad, const struct guard *g,
                    struct btns_latch_sa sa[BTNS_LATCH_SAS]);

#endif
