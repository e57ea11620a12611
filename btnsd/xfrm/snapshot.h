/*
 * Copies the SPD and the SAD at one moment, to compare them with the entries that should be there.
 */
#ifndef BTNS_XFRM_SNAPSHOT_H
#define BTNS_XFRM_SNAPSHOT_H

#include "btnsd/xfrm/xfrm.h"

#include <stddef.h>

struct spd_snapshot {
    struct spd_entry *entry; /* ours, sorted */
    size_t n, room;
    bool failed;
};

/* 0 or -errno. The caller frees the snapshot in both cases. */
int spd_snapshot_take(struct spd_snapshot *s, struct xfrm *x);
void spd_snapshot_free(struct spd_snapshot *s);
/* Is e in the SPD, with the same action? */
bool spd_snapshot_has(const struct spd_snapshot *s, const struct spd_entry *e);
/* Adds e to the SPD if it is missing. Returns true if it was missing. */
bool spd_snapshot_mend(const struct spd_snapshot *s, struct xfrm *x, const struct spd_entry *e);

struct sad_snapshot {
    struct sad_entry *sa; /* sorted by reqid */
    size_t n, room;
    bool failed;
};

/* 0 or -errno. The caller frees the snapshot in both cases. */
int sad_snapshot_take(struct sad_snapshot *s, struct xfrm *x);
/* Takes only the SAs between two hosts, in both directions: few, however many the kernel has. */
int sad_snapshot_between(struct sad_snapshot *s, struct xfrm *x, const struct btns_addr *local,
                         const struct btns_addr *remote);
void sad_snapshot_free(struct sad_snapshot *s);
/* The SAs with this reqid: returns the first of *n SAs in a row. */
const struct sad_entry *sad_snapshot_of(const struct sad_snapshot *s, uint32_t reqid, size_t *n);

#endif
