/* To whom no latch may be made. */
#ifndef BTNS_LATCH_ADMISSION_NO_LATCH_H
#define BTNS_LATCH_ADMISSION_NO_LATCH_H

#include "btnsd/latch/guard/guard.h"

/*
 * may there be a latch to this peer at all? key NULL: whoever is known there. BTNS_R_NONE,
 * or why not with err. Pure.
 */
enum btns_reason guards_no_latch(const struct guards *gs, const struct btns_addr *remote,
                                 const struct btns_key *key, struct err *err);

#endif
