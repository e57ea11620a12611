/* Peers to which no latch may be made. */
#ifndef BTNS_LATCH_ADMISSION_NO_LATCH_H
#define BTNS_LATCH_ADMISSION_NO_LATCH_H

#include "btnsd/latch/guard/guard.h"

/*
 * May a latch be made to this peer? key NULL: take the known peer with that address. BTNS_R_NONE,
 * or the reason with err. Pure.
 */
enum btns_reason guards_no_latch(const struct guards *gs, const struct btns_addr *remote,
                                 const struct btns_key *key, struct err *err);

#endif
