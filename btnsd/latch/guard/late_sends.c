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

static void forget_late_send(struct late_send **p)
{
    struct late_send *s = *p;
    *p = s->next;
    s->all->late_count--;
    loop_cancel(s->all->loop, &s->end);
    free(s);
}

static void end_late_send(struct late_send **p)
{
    spd_del((*p)->all->xfrm, &(*p)->out);
    forget_late_send(p);
}

static void on_late_send_over(struct timer *t)
{
    struct late_send *s = t->arg, **p = &s->all->late;
    while (*p != s)
        p = &(*p)->next;
    end_late_send(p);
}

/*
 * For how many ms can a datagram still come from a program that was told that it can send? 0: no
 * longer. Where all rules only prefer protection, such a datagram may leave in the clear, unless
 * another key than the known one has answered.
 */
static unsigned late_send_ms(const struct guard *g)
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
        forget_late_send(p);
    else if (gs->late_count >= LATE_SENDS)
        end_late_send(&gs->late);
    for (p = &gs->late; *p; p = &(*p)->next)
        ;
    *p = s;
    gs->late_count++;
    loop_after(gs->loop, &s->end, ms, on_late_send_over, s);
}

void late_sends_block(struct guard *g, const struct spd_entry *out)
{
    struct err ignored;
    unsigned ms = protocol_is_datagrams(g->service.protocol) ? late_send_ms(g) : 0;
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
    while (gs->late) {
        struct err ignored;
        gs->late->out.lifetime_s = LATE_SEND_MS / 1000 + 1;
        spd_set(gs->xfrm, &gs->late->out, &ignored);
        forget_late_send(&gs->late);
    }
}

bool late_send_adopt(struct guards *gs, const struct spd_entry *e)
{
    struct err ignored;
    if (!e->ours || e->priority != PRIO_LATE_SEND)
        return false;
    struct late_send *s = calloc(1, sizeof *s);
    if (!s)
        return true; /* the entry stays, and goes on blocking */
    s->all = gs;
    s->out = *e;
    spd_set(gs->xfrm, &s->out, &ignored); /* the kernel no longer deletes it by itself */
    begin_late_send(s, LATE_SEND_MS);
    return true;
}
