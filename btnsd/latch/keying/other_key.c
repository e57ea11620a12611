/* Asks a host that refuses to prove the latched key which key it has. */
#include "btnsd/latch/keying/other_key.h"

#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/keying/claim.h"
#include "btnsd/latch/keying/one_sided.h"

#define ASK_MS  9000
#define REPEATS 2 /* times that a connection has sent a segment again */

static void note_repeats(void *arg, const struct sock_entry *e)
{
    *(bool *)arg |= e->repeats >= REPEATS;
}

/*
 * A peer that is owed no answer is silent, too: packets that only acknowledge what it sent have
 * none.
 */
static bool has_waiting(const struct guard *g)
{
    bool waits = false;
    struct btns_addr remote = g->remote;
    remote.port = g->service.port;
    return g->all->sockets &&
           !sockdiag_connections(g->all->sockets, &g->local, &remote, note_repeats, &waits) &&
           waits;
}

static bool is_unheard(struct guard *g)
{
    return one_sided_unheard(g) && has_waiting(g);
}

static void answered(void *arg, enum ike_result result, const struct btns_key *key, const char *why)
{
    struct guard *g = arg;
    (void)why;
    g->renewing = NULL;
    if (result == IKE_OK && key && g->state == GS_UP && is_unheard(g))
        guard_meets_key(g, key);
}

void other_key_ask(struct guard *g)
{
    if (guard_is_beet(
            g)) /* its remote address is the key's; another host may share its outer one */
        return;
    if (g->renewing || g->state != GS_UP || g->certified ||
        protocol_is_datagrams(g->service.protocol) || !is_unheard(g) ||
        !ike_room(g->all->ike, g->uid, false, NULL))
        return;
    g->renewing = ike_introduce(g->all->ike, &g->local, &g->remote, ASK_MS, answered, g);
    if (g->renewing)
        ike_charge(g->renewing, g->uid);
}
