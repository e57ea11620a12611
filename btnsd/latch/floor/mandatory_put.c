/* Writes the SPD entries of mandatory rules: new ones before old ones are deleted. */
#include "btnsd/latch/floor/mandatory.h"
#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const struct spd_entry *find_mandatory_entry(const struct mandatory *m,
                                                    const struct spd_entry *e)
{
    for (size_t i = 0; i < m->n; i++)
        if (spd_same_place(&m->entry[i], e))
            return &m->entry[i];
    return NULL;
}

static void delete_mandatory_entries(struct xfrm *x, const struct mandatory *from,
                                     const struct mandatory *keep, enum spd_action action)
{
    for (size_t i = 0; i < from->n; i++)
        if (from->entry[i].action == action && !find_mandatory_entry(keep, &from->entry[i]))
            spd_del(x, &from->entry[i]);
}

/*
 * Entries that allow are deleted before those that block: one that allows may have the same
 * priority as one that blocks and is to stay.
 */
static void delete_mandatory(struct xfrm *x, const struct mandatory *from,
                             const struct mandatory *keep)
{
    delete_mandatory_entries(x, from, keep, SPD_ALLOW);
    delete_mandatory_entries(x, from, keep, SPD_BLOCK);
}

/* The callers write block entries before allow entries, so that no packet escapes meanwhile. */
static int put_mandatory_entries(struct xfrm *x, const struct mandatory *m, enum spd_action action,
                                 struct err *err)
{
    int rc = 0;
    for (size_t i = 0; !rc && i < m->n; i++)
        if (m->entry[i].action == action)
            rc = spd_set(x, &m->entry[i], err);
    return rc;
}

int mandatory_put(struct xfrm *x, struct mandatory *old, struct mandatory *now, struct err *err)
{
    int rc = put_mandatory_entries(x, now, SPD_BLOCK, err);
    if (!rc)
        rc = put_mandatory_entries(x, now, SPD_ALLOW, err);
    if (rc) {
        mandatory_restore(x, old);
        delete_mandatory(x, now, old);
        free(now->entry);
        return rc;
    }
    delete_mandatory(x, old, now);
    free(old->entry);
    *old = *now;
    return 0;
}

int mandatory_join(struct mandatory *now, const struct mandatory *old, struct err *err)
{
    struct spd_entry *all = array_grow(now->entry, &now->room, now->n + old->n + 1, sizeof *all);
    if (!all) {
        err_set(err, "out of memory");
        free(now->entry);
        return -ENOMEM;
    }
    now->entry = all;
    for (size_t i = 0; i < old->n; i++)
        if (!find_mandatory_entry(now, &old->entry[i]))
            all[now->n++] = old->entry[i];
    return 0;
}

static void adopt_mandatory(void *arg, const struct spd_entry *e)
{
    struct mandatory *m = arg;
    if (!e->ours || e->priority < PRIO_MANDATORY || e->priority > PRIO_MANDATORY_END)
        return;
    struct spd_entry *more = array_grow(m->entry, &m->room, m->n + 1, sizeof *more);
    if (!more)
        return; /* the entry stays in the kernel and goes on blocking */
    m->entry = more;
    m->entry[m->n++] = *e;
}

int mandatory_adopt(struct xfrm *x, struct mandatory *m)
{
    *m = (struct mandatory){.n = 0};
    return spd_dump(x, adopt_mandatory, m);
}

void mandatory_restore(struct xfrm *x, const struct mandatory *m)
{
    struct err ignored;
    put_mandatory_entries(x, m, SPD_BLOCK, &ignored);
    put_mandatory_entries(x, m, SPD_ALLOW, &ignored);
}
