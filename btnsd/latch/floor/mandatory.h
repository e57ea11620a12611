/*
 * Mandatory rules in the kernel: SPD entries that enforce a rule on every program's traffic from
 * btnsd's start until the rule is removed, even without the shim and after btnsd has ended.
 */
#ifndef BTNS_LATCH_FLOOR_MANDATORY_H
#define BTNS_LATCH_FLOOR_MANDATORY_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/xfrm.h"

#define MANDATORY_ENTRIES 4096
#define MANDATORY_RULES   (PRIO_MANDATORY_END - PRIO_MANDATORY + 1)

struct mandatory {
    struct spd_entry *entry;
    size_t n, room;
};

/*
 * Computes the entries of the rules that are for every program: block for protect and discard;
 * allow for bypass and prefer, if a later rule blocks. Pure. 0; -E2BIG with err (file, line) if
 * there are too many entries; -ENOMEM. The caller frees m->entry.
 */
int mandatory_plan(const struct rules *r, struct mandatory *m, struct err *err);

/* Is the rule for every program and user, so that SPD entries can enforce it? */
bool mandatory_is_for_everybody(const struct rule *rule);

/*
 * Adds the entries of `now` to the SPD, deletes those only in *old, and moves `now` into *old. On
 * failure the SPD is as before and `now` is freed.
 */
int mandatory_put(struct xfrm *x, struct mandatory *old, struct mandatory *now, struct err *err);
/* Adds to `now` the entries that only *old has. 0; or -ENOMEM with err, and `now` is freed. */
int mandatory_join(struct mandatory *now, const struct mandatory *old, struct err *err);
/* Fills *m with the entries that an earlier btnsd left in the SPD. */
int mandatory_adopt(struct xfrm *x, struct mandatory *m);
/* Writes all entries again, because somebody deleted some. */
void mandatory_restore(struct xfrm *x, const struct mandatory *m);

#endif
