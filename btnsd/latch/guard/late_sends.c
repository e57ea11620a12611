/* Blocks a service for a moment after its guard has gone. */
#include "btnsd/latch/guard/late_sends.h"

#include <stdlib.h>

struct late_send {
    struct late_send *next; /* a younger one */
    struct guards *all;
    struct spd_entry out;
    struct timer end;
};

static struct late_send **find_late_send(struct guards *gs, const struct spd_entry *out)
{
    struct late_send **p = &gs->late;
    while (*p && !((*p)->out.protocol == out->protocol &&
                   btns_addr_equal(&(*p)->out.local, &out->local) &&
                   btns_addr_equal(&(*p)->out.remote, &out->remote)))
        p = &(*p)->next;
    return p;
}

static void forget(struct late_send **p)
{
    struct late_send *s = *p;
    *p = s->next;
    s->all->late_count--;
    loop_cancel(s->all->loop, &s->end);
    free(s);
}

static void unblock(struct late_send **p)
{
    spd_del((*p)->all->xfrm, &(*p)->out);
    forget(p);
}

static void on_end(struct timer *t)
{
    struct late_send *s = t->arg, **p = &s->all->late;
    while (*p != s)
        p = &(*p)->next;
    unblock(p);
}

/*
 * How long is it until a program that was told so has sent? 0: all have. Under a rule that prefers
 * protection, what is late may leave in the clear, unless another key than the known one answers.
 */
static unsigned late_ms(const struct guard *g)
{
    uint64_t until = g->told_held + LATE_SEND_MS, now = loop_now();
    bool late = g->told_held && (g->strict || g->refuses_all);
    return late && until > now ? (unsigned)(until - now) : 0;
}

static void begin_late_send(struct late_send *s, unsigned ms)
{
    struct guards *gs = s->all;
    struct late_send **p = find_late_send(gs, &s->out);
    if (*p)
        forget(p);
    else if (gs->late_count >= LATE_SENDS)
        unblock(&gs->late);
    for (p = &gs->late; *p; p = &(*p)->next)
        ;
    *p = s;
    gs->late_count++;
    loop_after(gs->loop, &s->end, ms, on_end, s);
}

void late_sends_block(struct guard *g, const struct spd_entry *out)
{
    struct err ignored;
    unsigned ms = protocol_is_datagrams(g->service.protocol) ? late_ms(g) : 0;
    struct late_send *s = ms ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return;
    s->all = g->all;
    s->out = *out;
    s->out.action = SPD_BLOCK;
    s->out.priority = PRIO_LATE_SEND;
    s->out.reqid = s->out.spi = 0;
    s->out.passing = false;
    if (spd_set(g->all->xfrm, &s->out, &ignored)) {
        free(s);
        return;
    }
    begin_late_send(s, ms);
}

void late_sends_end(struct guards *gs)
{
    while (gs->late)
        unblock(&gs->late);
}

bool late_send_left(struct guards *gs, const struct spd_entry *e)
{
    if (!e->ours || e->priority != PRIO_LATE_SEND)
        return false;
    spd_del(gs->xfrm, e);
    return true;
}
