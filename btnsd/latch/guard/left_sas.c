/* Guards that stay for SAs of the administrator's, after the end of their connections. */
#include "btnsd/latch/guard/left_sas.h"

#include "btnsd/latch/guard/entries.h"
#include "btnsd/latch/guard/search.h"

void guard_leave_sas(struct guard *g, uint32_t reqid)
{
    /* A mirror does not stay: the listener's floor keeps its peer out. */
    g->left_reqid = g->mirror ? 0 : reqid;
}

struct looking {
    uint32_t reqid;
    bool found;
};

static void look_at_sa(void *arg, const struct sad_entry *sa)
{
    struct looking *l = arg;
    l->found |= sa->reqid == l->reqid;
}

/* Are there SAs for which g stays? If the SAD cannot be read, there may be some. */
static bool has_sas(const struct guard *g)
{
    struct looking l = {.reqid = g->left_reqid};
    return sad_dump_between(g->all->xfrm, &g->remote, &g->local, look_at_sa, &l) || l.found;
}

bool guard_stays_for_sas(struct guard *g)
{
    if (!g->left_reqid || !has_sas(g))
        return false;
    if (g->reqid != g->left_reqid) {
        guard_set_reqid(g, g->left_reqid);
        guard_spd(g, SPD_ESP, 0);
    }
    return true;
}

enum spd_action guard_resting(const struct guard *g)
{
    return g->left_before ? SPD_BLOCK : SPD_ALLOW;
}

bool guard_only_stays(const struct guard *g)
{
    return g->left_reqid && g->left_reqid == g->reqid && !g->latches && !g->waiters;
}
