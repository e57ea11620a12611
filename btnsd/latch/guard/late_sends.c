/* Blocks a service for a moment after its guard has gone. */
#include "btnsd/latch/guard/late_sends.h"

#include "btnsd/latch/guard/table.h"

#include <stdlib.h>

struct late_send {
    struct late_send *next; /* a younger one */
    struct guards *all;
    struct spd_entry out;
    struct btns_addr local, remote; /* of the guard */
    struct service service;
    struct timer end;
};

static struct late_send **find(struct guards *gs, const struct guard *g)
{
    struct late_send **p = &gs->late;
    while (*p &&
           !(btns_addr_equal(&(*p)->local, &g->local) &&
             btns_addr_equal(&(*p)->remote, &g->remote) && service_same((*p)->service, g->service)))
        p = &(*p)->next;
    return p;
}

/* A new guard of the service has taken the entry over, and deletes it itself. */
static bool is_taken_over(const struct late_send *s)
{
    const struct guard *g = guard_find(s->all, &s->local, &s->remote, s->service, false);
    return g && g->spd != SPD_ALLOW;
}

/* opens: its entry is deleted, unless a guard has taken it over. */
static void forget(struct late_send **p, bool opens)
{
    struct late_send *s = *p;
    *p = s->next;
    s->all->late_count--;
    loop_cancel(s->all->loop, &s->end);
    if (opens && !is_taken_over(s))
        spd_del(s->all->xfrm, &s->out);
    free(s);
}

static void on_end(struct timer *t)
{
    struct late_send *s = t->arg, **p = &s->all->late;
    while (*p != s)
        p = &(*p)->next;
    forget(p, true);
}

/* How long is it until a program that was told so has sent? 0: all have. */
static unsigned late_ms(const struct guard *g)
{
    uint64_t until = g->told_held + LATE_SEND_MS, now = loop_now();
    bool late = g->told_held && protocol_is_datagrams(g->service.protocol);
    return late && until > now ? (unsigned)(until - now) : 0;
}

static void begin(struct late_send *s, const struct guard *g, unsigned ms)
{
    struct late_send **p = find(g->all, g);
    if (*p)
        forget(p, false);
    else if (g->all->late_count >= LATE_SENDS)
        forget(&g->all->late, true);
    for (p = &g->all->late; *p; p = &(*p)->next)
        ;
    *p = s;
    g->all->late_count++;
    loop_after(g->all->loop, &s->end, ms, on_end, s);
}

bool late_sends_block(struct guard *g, const struct spd_entry *out)
{
    struct err ignored;
    unsigned ms = late_ms(g);
    struct late_send *s = ms ? calloc(1, sizeof *s) : NULL;
    if (!s)
        return false;
    s->all = g->all;
    s->out = *out;
    s->out.action = SPD_BLOCK;
    s->local = g->local;
    s->remote = g->remote;
    s->service = g->service;
    if (spd_set(g->all->xfrm, &s->out, &ignored)) {
        free(s);
        return false;
    }
    begin(s, g, ms);
    return true;
}

void late_sends_end(struct guards *gs)
{
    while (gs->late)
        forget(&gs->late, true);
}
