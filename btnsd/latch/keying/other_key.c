/* Asks a host that refuses to prove the latched key which key it has. */
#include "btnsd/latch/keying/other_key.h"

#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/guard/guard.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/claim.h"
#include "btnsd/latch/keying/meetings.h"
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

/* May the peer of this guard have lost its key? */
static bool is_doubtful(const struct guard *g)
{
    if (guard_is_beet(g)) /* its address is the key's; another host may share its outer one */
        return false;
    if (g->mirror || g->certified || protocol_is_datagrams(g->service.protocol))
        return false;
    return g->state == GS_UP || (g->state == GS_FAILED && g->met.n && !g->replaced);
}

static void meet_another(struct guard *g, const struct btns_key *key)
{
    const bool up = g->state == GS_UP;
    const bool silent = up && one_sided_unheard(g) && has_waiting(g);
    if (!meetings_count(&g->met, key, silent, loop_now()) || (up && !silent))
        return;
    g->replaced = true;
    guard_loses_key(g, key);
}

static bool waits_for_client(const struct guard *g, const struct btns_key *key)
{
    return g->mirror && g->state == GS_WAITING && g->has_key && !guard_is_beet(g) &&
           !g->certified && !protocol_is_datagrams(g->service.protocol) &&
           !guard_is_its_key(g, key);
}

void other_key_came(struct guards *gs, const struct applicant *who)
{
    struct guard *g = guard_between(gs, who->local, who->remote, NULL), *next;
    for (; g && !who->cert; g = next) {
        next = guard_between(gs, who->local, who->remote, g);
        if (!waits_for_client(g, who->key) || !meetings_count(&g->met, who->key, false, loop_now()))
            continue;
        g->replaced = true;
        guard_loses_key(g, who->key);
    }
}

static void answered(void *arg, enum ike_result result, const struct btns_key *key, const char *why)
{
    struct guard *g = arg;
    (void)why;
    g->renewing = NULL;
    if (result != IKE_OK || !key || !is_doubtful(g))
        return;
    if (!guard_is_its_key(g, key)) {
        meet_another(g, key);
        return;
    }
    g->met.n = 0;
    if (g->state == GS_FAILED) /* the peer is back */
        guard_retry(g);
}

void other_key_ask(struct guard *g)
{
    if (g->renewing || !is_doubtful(g) ||
        (g->met.n && loop_now() - g->met.last < MEETINGS_PAUSE_MS) || !has_waiting(g) ||
        !ike_room(g->all->ike, g->uid, false, NULL))
        return;
    g->renewing = ike_introduce(g->all->ike, &g->local, &g->remote, ASK_MS, answered, g);
    if (g->renewing)
        ike_charge(g->renewing, g->uid);
}
