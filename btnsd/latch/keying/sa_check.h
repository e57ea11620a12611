/* Is an SA of our own key manager what its guard latches? As the SAD says, not as it was asked for
 * (pure). */
#ifndef BTNS_SA_CHECK_H
#define BTNS_SA_CHECK_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/xfrm.h"

/* Latching -02, section 2: protection, mode, algorithms, key lengths and replay protection. */
struct quality {
    const struct suite *suite; /* NULL: any that there is */
    bool encapsulated;         /* in UDP: demanded, or latched so */
};

/* Packets that may be late: charon's and the kernel's least. Only the receiver has a window. */
#define REPLAY_WINDOW_MIN 32
#define ICV_BITS_MIN      128 /* of every suite we have */

/* Is sa no weaker than q? Else err says in what. */
bool sa_check(const struct quality *q, const struct sad_entry *sa, bool incoming, struct err *err);

#endif
