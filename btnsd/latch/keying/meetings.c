/* Counts the meetings with another key at a latched peer's address. */
#include "btnsd/latch/keying/meetings.h"

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/keying/one_sided.h"

#define MEETINGS      2u
#define MANY_MEETINGS 4u

bool meetings_count(struct meetings *m, const struct btns_key *key, bool silent, uint64_t now)
{
    if (m->n && !btns_key_equal(&m->key, key))
        m->n = 0;
    if (m->n && now - m->last < MEETINGS_PAUSE_MS)
        return false;
    m->key = *key;
    m->last = now;
    m->n++;
    return m->n >= (silent ? MEETINGS : MANY_MEETINGS);
}

void guard_meets_other(struct guard *g, const struct btns_key *key)
{
    g->replaced |= meetings_count(&g->met, key, false, loop_now());
    one_sided_watch(g->all); /* its clock has the key asked for again */
}
