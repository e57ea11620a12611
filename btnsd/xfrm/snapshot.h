/* The SPD as it was at one moment, to ask what of ours is in it. */
#ifndef BTNS_XFRM_SNAPSHOT_H
#define BTNS_XFRM_SNAPSHOT_H

#include "btnsd/xfrm/xfrm.h"

#include <stddef.h>

struct spd_snapshot {
    struct spd_entry *entry; /* ours, sorted */
    size_t n, room;
    bool failed;
};

/* 0 or -errno; to be freed in either case. */
int spd_snapshot_take(struct spd_snapshot *s, struct xfrm *x);
void spd_snapshot_free(struct spd_snapshot *s);
/* Is e there, and does it say the same? */
bool spd_snapshot_has(const struct spd_snapshot *s, const struct spd_entry *e);
/* Puts e into the SPD unless it is there. True: it was not. */
bool spd_snapshot_mend(const struct spd_snapshot *s, struct xfrm *x, const struct spd_entry *e);

#endif
