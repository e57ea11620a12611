/* Ends the SAs with peers that no guard needs any more. */
#include "btnsd/latch/keying/unowned_sas.h"

#include "btnsd/base/log_rate.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/icmp_child_decide.h"

static bool has_guard_of_key(const struct guards *gs, const struct sad_entry *sa,
                             const struct btns_key *key)
{
    for (const struct guard *g = NULL; (g = guard_between(gs, &sa->src, &sa->dst, g));)
        if (g->has_key && btns_key_equal(&g->key, key))
            return true;
    return false;
}

static struct service service_of_sa(const struct sad_entry *sa)
{
    return (struct service){sa->sel_protocol, sa->sel_dport};
}

/* An SA to a service of the peer's: we have asked for it. One to ours is the peer's to end. */
static bool is_own_request(const struct sad_entry *sa)
{
    return sa->sel_dport && !sa->sel_sport && !sa->sel_several_ports;
}

static bool is_unowned(const struct guards *gs, const struct sad_entry *sa)
{
    const struct pair *p = pair_by_reqid(&gs->pairs, sa->reqid);
    if (!p || !sa->spi || !sa->alg[0] || !ike_expects(gs->ike, &sa->src, &sa->dst, &p->key))
        return false; /* also the incoming one of the two */
    if (icmp_child_is(sa))
        return !has_guard_of_key(gs, sa, &p->key);
    const struct guard *g = guard_find(gs, &sa->src, &sa->dst, service_of_sa(sa), false);
    return is_own_request(sa) && (!g || g->reqid != sa->reqid);
}

static void end_unowned_service(struct guards *gs, const struct sad_entry *sa, const struct pair *p)
{
    const char *suite;
    struct credential *cert =
        pair_is_certified(p, &suite) ? ike_credential(gs->ike, &sa->src, &sa->dst, &p->key) : NULL;
    const struct ike_service s = {.key = p->key,
                                  .local = sa->src,
                                  .remote = sa->dst,
                                  .to = service_of_sa(sa),
                                  .reqid = sa->reqid,
                                  .cert = cert};
    ike_close(gs->ike, &s, 0, NULL, NULL);
    credential_unref(cert);
}

static void end_unowned_sa(struct guards *gs, const struct sad_entry *sa)
{
    char ip[BTNS_ADDR_STR];
    const bool icmp = icmp_child_is(sa);
    const struct pair *p = pair_by_reqid(&gs->pairs, sa->reqid);
    log_rated(log_note, "SAs that nothing needs any more",
              "an SA to %s %s/%u, which nothing needs any more, is ended",
              btns_addr_ip_str(&sa->dst, ip), icmp ? "icmp" : protocol_name(sa->sel_protocol),
              sa->sel_dport);
    if (icmp)
        ike_icmp_end(gs->ike, &sa->src, &sa->dst, &p->key);
    else
        end_unowned_service(gs, sa, p);
}

/* Looks again until none is there: a deletion may fail. */
static void on_unowned_look(struct timer *t)
{
    struct guards *gs = t->arg;
    struct sad_snapshot sad = {0};
    bool again = gs->ike && sad_snapshot_take(&sad, gs->xfrm);
    for (size_t i = 0; gs->ike && i < sad.n; i++)
        if (is_unowned(gs, &sad.sa[i])) {
            end_unowned_sa(gs, &sad.sa[i]);
            again = true;
        }
    sad_snapshot_free(&sad);
    if (again)
        unowned_look_later(gs);
}

void unowned_look_later(struct guards *gs)
{
    if (!gs->unowned.slot)
        loop_after(gs->loop, &gs->unowned, UNOWNED_MS, on_unowned_look, gs);
}

void unowned_seen(struct guards *gs, const struct sad_entry *sa)
{
    if (is_unowned(gs, sa))
        unowned_look_later(gs);
}
