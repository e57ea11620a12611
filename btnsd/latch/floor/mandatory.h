/*
 * Mandatory rules in the kernel: what they say about every program's traffic as SPD entries that
 * stand from btnsd's start until their rule goes, whether or not a shim, or btnsd, is there.
 */
#ifndef BTNS_MANDATORY_H
#define BTNS_MANDATORY_H

#include "btnsd/rules/model/rules.h"
#include "btnsd/xfrm/xfrm.h"

#define MANDATORY_ENTRIES 4096
#define MANDATORY_RULES   (PRIO_MANDATORY_END - PRIO_MANDATORY + 1)

struct mandatory {
    struct spd_entry *entry;
    size_t n, room;
};

/*
 * The entries of the rules that are for every program: block for protect and discard; allow for
 * bypass and prefer, where a rule behind them blocks. Pure. 0; -E2BIG with err (file, line) when
 * there would be too many; -ENOMEM. The caller frees m->entry.
 */
int mandatory_plan(const struct rules *r, struct mandatory *m, struct err *err);

/* Is it for every program and user, so that the kernel can have it? */
bool mandatory_is_for_everybody(const struct rule *rule);

/* mandatory_floor.c */
/*
 * Puts `now` into the kernel and takes away what is in *old and not in it; *old is then `now`,
 * which is taken over. On failure nothing has changed, and `now` is freed.
 */
int mandatory_put(struct xfrm *x, struct mandatory *old, struct mandatory *now, struct err *err);
/* What an earlier btnsd left, into *m. */
int mandatory_adopt(struct xfrm *x, struct mandatory *m);
/* Somebody took entries away: they are put back. */
void mandatory_restore(struct xfrm *x, const struct mandatory *m);

#endif
