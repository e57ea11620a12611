/* The SPD as it was at one moment, to ask what of ours is in it. */
#include "btnsd/xfrm/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the kernel tells entries apart by. */
static int compare(const void *va, const void *vb)
{
    const struct spd_entry *a = va, *b = vb;
    int rc = (a->dir > b->dir) - (a->dir < b->dir);
    rc = rc ? rc : (a->priority > b->priority) - (a->priority < b->priority);
    rc = rc ? rc : (int)a->protocol - (int)b->protocol;
    rc = rc ? rc : (int)a->local_bits - (int)b->local_bits;
    rc = rc ? rc : (int)a->remote_bits - (int)b->remote_bits;
    rc = rc ? rc : memcmp(&a->local, &b->local, sizeof a->local);
    return rc ? rc : memcmp(&a->remote, &b->remote, sizeof a->remote);
}

static void add(void *arg, const struct spd_entry *e)
{
    struct spd_snapshot *s = arg;
    if (!e->ours)
        return;
    if (s->n == s->room) {
        size_t room = s->room ? 2 * s->room : 256;
        struct spd_entry *more = reallocarray(s->entry, room, sizeof *more);
        s->failed |= !more;
        if (!more)
            return;
        s->entry = more;
        s->room = room;
    }
    s->entry[s->n++] = *e;
}

int spd_snapshot_take(struct spd_snapshot *s, struct xfrm *x)
{
    memset(s, 0, sizeof *s);
    int rc = spd_dump(x, add, s);
    if (!rc && s->failed)
        rc = -ENOMEM;
    if (s->n)
        qsort(s->entry, s->n, sizeof *s->entry, compare);
    return rc;
}

void spd_snapshot_free(struct spd_snapshot *s)
{
    free(s->entry);
    memset(s, 0, sizeof *s);
}

bool spd_snapshot_has(const struct spd_snapshot *s, const struct spd_entry *e)
{
    const struct spd_entry *found =
        s->n ? bsearch(e, s->entry, s->n, sizeof *s->entry, compare) : NULL;
    return found && found->action == e->action &&
           (e->action != SPD_ESP || (found->reqid == e->reqid && found->spi == e->spi));
}

bool spd_snapshot_mend(const struct spd_snapshot *s, struct xfrm *x, const struct spd_entry *e)
{
    if (spd_snapshot_has(s, e))
        return false;
    spd_set(x, e, NULL);
    return true;
}
