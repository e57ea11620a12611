/* Asks a host that refuses to prove the latched key which key it has. */
#include "btnsd/latch/keying/other_key.h"

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/keying/claim.h"
#include "btnsd/latch/keying/one_sided.h"

#define ASK_MS 9000

static void answered(void *arg, enum ike_result result, const struct btns_key *key, const char *why)
{
    struct guard *g = arg;
    (void)why;
    g->renewing = NULL;
    if (result == IKE_OK && key && g->state == GS_UP && one_sided_unheard(g))
        guard_meets_key(g, key);
}

void other_key_ask(struct guard *g)
{
    if (g->renewing || g->state != GS_UP || g->certified ||
        protocol_is_datagrams(g->service.protocol) || !one_sided_unheard(g) ||
        !ike_room(g->all->ike, g->uid, false, NULL))
        return;
    g->renewing = ike_introduce(g->all->ike, &g->local, &g->remote, ASK_MS, answered, g);
    if (g->renewing)
        ike_charge(g->renewing, g->uid);
}
