/*
 * Copies the SPD and the SAD at one moment, to compare them with the entries that should be there.
 */
#include "btnsd/xfrm/snapshot.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int compare_snapshot_masks(const struct spd_port_mask *a, const struct spd_port_mask *b)
{
    int rc = (int)a->port - (int)b->port;
    return rc ? rc : (int)a->mask - (int)b->mask;
}

/* Orders entries by the fields that distinguish two entries for the kernel. */
static int compare_snapshot_entries(const void *va, const void *vb)
{
    const struct spd_entry *a = va, *b = vb;
    int rc = (a->dir > b->dir) - (a->dir < b->dir);
    rc = rc ? rc : (a->priority > b->priority) - (a->priority < b->priority);
    rc = rc ? rc : (int)a->protocol - (int)b->protocol;
    rc = rc ? rc : (int)a->local_bits - (int)b->local_bits;
    rc = rc ? rc : (int)a->remote_bits - (int)b->remote_bits;
    rc = rc ? rc : memcmp(&a->local, &b->local, sizeof a->local);
    rc = rc ? rc : compare_snapshot_masks(&a->local_ports, &b->local_ports);
    rc = rc ? rc : compare_snapshot_masks(&a->remote_ports, &b->remote_ports);
    return rc ? rc : memcmp(&a->remote, &b->remote, sizeof a->remote);
}

static void add_snapshot_entry(void *arg, const struct spd_entry *e)
{
    struct spd_snapshot *s = arg;
    if (!e->ours)
        return;
    struct spd_entry *more = array_grow(s->entry, &s->room, s->n + 1, sizeof *more);
    s->failed |= !more;
    if (!more)
        return;
    s->entry = more;
    s->entry[s->n++] = *e;
}

int spd_snapshot_take(struct spd_snapshot *s, struct xfrm *x)
{
    memset(s, 0, sizeof *s);
    int rc = spd_dump(x, add_snapshot_entry, s);
    if (!rc && s->failed)
        rc = -ENOMEM;
    if (s->n)
        qsort(s->entry, s->n, sizeof *s->entry, compare_snapshot_entries);
    return rc;
}

void spd_snapshot_free(struct spd_snapshot *s)
{
    free(s->entry);
    memset(s, 0, sizeof *s);
}

/* Only the outgoing template names the addresses of BEET mode. */
static bool snapshot_leads_to_same(const struct spd_entry *a, const struct spd_entry *b)
{
    return a->outer_remote.family == b->outer_remote.family &&
           (a->dir == SPD_IN || (btns_addr_ip_equal(&a->outer_local, &b->outer_local) &&
                                 btns_addr_ip_equal(&a->outer_remote, &b->outer_remote)));
}

bool spd_snapshot_has(const struct spd_snapshot *s, const struct spd_entry *e)
{
    const struct spd_entry *found =
        s->n ? bsearch(e, s->entry, s->n, sizeof *s->entry, compare_snapshot_entries) : NULL;
    return found && found->action == e->action &&
           (e->action != SPD_ESP ||
            (found->reqid == e->reqid && found->spi == e->spi && snapshot_leads_to_same(found, e)));
}

bool spd_snapshot_mend(const struct spd_snapshot *s, struct xfrm *x, const struct spd_entry *e)
{
    if (spd_snapshot_has(s, e))
        return false;
    spd_set(x, e, NULL);
    return true;
}

static void add_snapshot_sa(void *arg, const struct sad_entry *sa)
{
    struct sad_snapshot *s = arg;
    struct sad_entry *more = array_grow(s->sa, &s->room, s->n + 1, sizeof *more);
    s->failed |= !more;
    if (!more)
        return;
    s->sa = more;
    s->sa[s->n++] = *sa;
}

static int compare_snapshot_reqids(const void *va, const void *vb)
{
    const struct sad_entry *a = va, *b = vb;
    return (a->reqid > b->reqid) - (a->reqid < b->reqid);
}

static int sort_snapshot_sas(struct sad_snapshot *s, int rc)
{
    if (s->n)
        qsort(s->sa, s->n, sizeof *s->sa, compare_snapshot_reqids);
    return !rc && s->failed ? -ENOMEM : rc;
}

int sad_snapshot_take(struct sad_snapshot *s, struct xfrm *x)
{
    memset(s, 0, sizeof *s);
    return sort_snapshot_sas(s, sad_dump(x, add_snapshot_sa, s));
}

int sad_snapshot_between(struct sad_snapshot *s, struct xfrm *x, const struct btns_addr *local,
                         const struct btns_addr *remote)
{
    memset(s, 0, sizeof *s);
    int rc = sad_dump_between(x, remote, local, add_snapshot_sa, s);
    return sort_snapshot_sas(s, rc ? rc : sad_dump_between(x, local, remote, add_snapshot_sa, s));
}

void sad_snapshot_free(struct sad_snapshot *s)
{
    free(s->sa);
    memset(s, 0, sizeof *s);
}

const struct sad_entry *sad_snapshot_of(const struct sad_snapshot *s, uint32_t reqid, size_t *n)
{
    size_t low = 0, high = s->n;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (s->sa[mid].reqid < reqid)
            low = mid + 1;
        else
            high = mid;
    }
    *n = 0;
    while (low + *n < s->n && s->sa[low + *n].reqid == reqid)
        ++*n;
    return low ? s->sa + low : s->sa;
}
