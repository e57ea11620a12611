/* Limits how many IKE SAs a peer has with us under one connection. Pure. */
#include "btnsd/ike/private/ike_sas.h"

#include <string.h>

static unsigned ike_sa_index(const struct ike_sas *s, uint32_t id)
{
    unsigned i = 0;
    while (i < s->n && s->id[i] != id)
        i++;
    return i;
}

void ike_sas_drop(struct ike_sas *s, uint32_t id)
{
    unsigned i = ike_sa_index(s, id);
    if (i < s->n)
        memmove(s->id + i, s->id + i + 1, (--s->n - i) * sizeof *s->id);
}

uint32_t ike_sas_add(struct ike_sas *s, uint32_t id)
{
    uint32_t gone = 0;
    if (!id || ike_sa_index(s, id) < s->n)
        return 0;
    if (s->n == IKE_SAS_MAX) {
        gone = s->id[0];
        ike_sas_drop(s, gone);
    }
    s->id[s->n++] = id;
    return gone;
}

void ike_sas_rename(struct ike_sas *s, uint32_t was, uint32_t now)
{
    unsigned i = ike_sa_index(s, was);
    if (i < s->n && now)
        s->id[i] = now;
}
