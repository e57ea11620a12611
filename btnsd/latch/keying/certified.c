/*
 * The certificates of guards' peers: which one is the peer's, and how it is kept over a restart of
 * btnsd.
 */
#include "btnsd/latch/keying/certified.h"

#include "btnsd/base/log.h"
#include "btnsd/ike/keys/credential_file.h"
#include "btnsd/latch/admission/applicant.h"
#include "btnsd/latch/guard/search.h"

#include <string.h>

static bool rule_takes_certificate(const struct guard *g, const struct credential *c)
{
    const struct applicant who = {&g->local, &g->remote, &c->key, c};
    return applicant_fits(g->all, &who, POINT_CONNECT, g->service, g->demand, NULL);
}

/* The first certificate that satisfies the rule and has the latched key. */
struct credential *guard_certificate(const struct guard *g)
{
    for (size_t i = 0; i < g->found.n; i++) {
        struct credential *c = g->found.at[i];
        if ((!g->ever_up || btns_key_equal(&c->key, &g->key)) && g->demand &&
            rule_takes_certificate(g, c))
            return c;
    }
    return g->found.n ? g->found.at[0] : NULL;
}

/* Another certificate has another key, which a latch never gets. */
const struct credential *guard_other_certificate(const struct guard *g)
{
    for (size_t i = 0; i < g->found.n && !g->ever_up && g->demand; i++)
        if (g->found.at[i] != g->cert && rule_takes_certificate(g, g->found.at[i]))
            return g->found.at[i];
    return NULL;
}

/* The peer is to prove the first of the certificates that were found. */
static void show_first_certificate(struct guard *g)
{
    struct credential *c = guard_certificate(g);
    const struct pair *pair = pair_get(&g->all->pairs, &c->key, pair_label(g->suite->name, true));
    if (!pair || !rule_takes_certificate(g, c))
        return;
    credential_unref(g->cert);
    g->cert = credential_ref(c);
    guard_set_key(g, &c->key);
    guard_set_reqid(g, pair->reqid);
}

/* The peer did not prove this certificate: it may have another one with the same subject. */
void guard_next_certificate(struct guard *g)
{
    struct credential *first = g->found.n > 1 ? g->found.at[0] : NULL;
    if (!first || g->ever_up)
        return;
    memmove(&g->found.at[0], &g->found.at[1], (g->found.n - 1) * sizeof first);
    g->found.at[g->found.n - 1] = first;
    show_first_certificate(g);
}

void guard_drop_certificate(struct guard *g)
{
    for (size_t i = 0; i < g->found.n && g->found.n > 1 && !g->ever_up; i++)
        if (g->found.at[i] == g->cert) {
            credentials_drop(&g->found, i);
            break;
        }
    show_first_certificate(g);
}

void guard_keep_certificate(const struct guard *g)
{
    const struct guards *gs = g->all;
    int rc =
        gs->certificates && g->cert ? credential_write(gs->certificates, g->reqid, g->cert) : 0;
    if (rc)
        log_warning("%s: %s (its latches will not outlive a restart)", gs->certificates,
                    strerror(-rc));
}

/* The id was checked when the latch was made; after a restart only the key counts. */
bool guard_reread_certificate(struct guard *g)
{
    if (g->certified && g->all->certificates)
        g->cert = credential_read(g->all->certificates, g->reqid, &g->key);
    if (g->cert && !g->mirror)
        g->demand = demand_copy(&(struct demand){.identity = IDENTITY_CERTIFICATE,
                                                 .ca_file = g->cert->ca_file,
                                                 .ca_pem = g->cert->ca_pem});
    return g->cert && (g->mirror || g->demand);
}

static bool certified_reqid_needed(void *arg, uint32_t reqid)
{
    const struct guards *gs = arg;
    const struct guard *g = guard_with_reqid(gs, reqid, NULL);
    while (g && !g->certified)
        g = guard_with_reqid(gs, reqid, g);
    return g != NULL;
}

void guards_sweep_certificates(struct guards *gs)
{
    if (gs->certificates)
        credential_sweep(gs->certificates, certified_reqid_needed, gs);
}
