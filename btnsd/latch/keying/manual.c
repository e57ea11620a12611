/* keys = manual: SAs that the administrator makes by hand. Only their reqid identifies the peer. */
#include "btnsd/latch/keying/manual.h"

#include "btnsd/latch/guard/keying.h"
#include "btnsd/latch/guard/life.h"
#include "btnsd/latch/guard/search.h"
#include "btnsd/latch/keying/managers.h"

#include <string.h>

/* The kernel keeps packets of other services out of an SA with a selector. */
static bool manual_sa_carries(const struct sad_entry *sa, uint8_t protocol, uint16_t sport,
                              uint16_t dport)
{
    return (!sa->sel_protocol || sa->sel_protocol == protocol) &&
           (!sa->sel_sport || sa->sel_sport == sport) && (!sa->sel_dport || sa->sel_dport == dport);
}

static bool manual_sa_runs_from_to(const struct sad_entry *sa, const struct btns_addr *src,
                                   const struct btns_addr *dst)
{
    return btns_addr_ip_equal(&sa->src, src) && btns_addr_ip_equal(&sa->dst, dst);
}

/*
 * The newest SA of a direction, which the kernel lists first. A kernel without btnsd sends by the
 * newest SA as soon as it has been added.
 */
static const struct sad_entry *newest_manual_sa(const struct manual_question *q, bool out,
                                                const struct sad_entry *sa, size_t n)
{
    uint16_t ours = q->mirror ? q->service.port : 0, theirs = q->mirror ? 0 : q->service.port;
    for (size_t i = 0; i < n; i++)
        if (sa[i].reqid != q->source->reqid)
            continue;
        else if (out ? manual_sa_runs_from_to(&sa[i], &q->local, &q->remote) &&
                           manual_sa_carries(&sa[i], q->service.protocol, ours, theirs)
                     : manual_sa_runs_from_to(&sa[i], &q->remote, &q->local) &&
                           manual_sa_carries(&sa[i], q->service.protocol, theirs, ours))
            return &sa[i];
    return NULL;
}

void manual_decide(const struct manual_question *q, const struct sad_entry *sa, size_t n,
                   struct finding *f)
{
    const struct sad_entry *out = newest_manual_sa(q, true, sa, n),
                           *in = newest_manual_sa(q, false, sa, n);
    memset(f, 0, sizeof *f);
    snprintf(f->who, sizeof f->who, "%s", q->source->peer);
    if (!out || !in)
        return;
    snprintf(f->how, sizeof f->how, "reqid %u alone; no rekey%s", q->source->reqid,
             in->replay_window ? "" : ", no replay protection");
    finding_judge(f, out, in, q->asked, q->latched,
                  q->source->accept_no_replay ? 0 : REPLAY_WINDOW_OTHERS);
}

static void check_manual_guard(struct guard *g)
{
    struct sad_list s;
    struct finding f;
    int rc = guards_sad(g->all, &g->local, &g->remote, &s);
    const struct manual_question q = {.source = &g->source,
                                      .local = g->local,
                                      .remote = g->remote,
                                      .service = g->service,
                                      .mirror = g->mirror,
                                      .asked = g->asked,
                                      .latched = g->ever_up ? g->suite : NULL};
    if (rc) {
        guard_fail(g, BTNS_R_RESOURCES, "the SAD cannot be read: %s", strerror(-rc));
        return;
    }
    manual_decide(&q, s.sa, s.n, &f);
    guard_found(g, &f);
}

static void check_manual_caller(struct guards *gs, const struct caller *c)
{
    struct sad_list s;
    struct finding f;
    const struct manual_question q = {.source = c->source,
                                      .local = c->local,
                                      .remote = c->remote,
                                      .service = c->service,
                                      .mirror = true,
                                      .asked = c->asked};
    if (guards_sad(gs, &c->local, &c->remote, &s))
        return; /* without a guard, the listener's floor keeps the caller out */
    manual_decide(&q, s.sa, s.n, &f);
    guards_admit_caller(gs, c, &f);
}

static int begin_manual_guard(struct guard *g, enum guard_event *first, struct err *err)
{
    (void)err;
    guard_set_reqid(g, g->source.reqid);
    *first = GE_ASKED_KNOWN;
    return 0;
}

static void on_manual_check(struct timer *t)
{
    check_manual_guard(t->arg);
}

static void prove_manual_guard(struct guard *g)
{
    loop_after(g->all->loop, &g->retry, 0, on_manual_check, g);
}

static void manual_does_nothing(struct guard *g)
{
    char why[BTNS_TEXT_MAX], from[BTNS_ADDR_STR], to[BTNS_ADDR_STR];
    snprintf(why, sizeof why,
             "there are no two ESP states with reqid %u between %s and %s (ip xfrm state)",
             g->source.reqid, btns_addr_ip_str(&g->local, from), btns_addr_ip_str(&g->remote, to));
    guard_broken(g, BTNS_R_PEER_GONE, why);
}

const struct keying keying_manual = {
    .hint = "Are the states made at both hosts?",
    .by_spi = true,
    .begin = begin_manual_guard,
    .prove = prove_manual_guard,
    .recheck = check_manual_guard,
    .none = manual_does_nothing,
    .caller = check_manual_caller,
};
