/* As responder: all services of ours that a peer may use, as ranges of ports. */
#include "btnsd/latch/admission/served.h"

#include "btnsd/latch/admission/no_latch.h"
#include "btnsd/latch/guard/search.h"
#include "libapi/wire/array.h"

#include <stdlib.h>

/* Port boundaries at which the answer can change. */
struct cuts {
    uint32_t *at;
    size_t n, room;
    bool failed;
};

static void cut_ports_at(struct cuts *c, uint32_t port)
{
    uint32_t *more = c->failed ? NULL : array_grow(c->at, &c->room, c->n + 1, sizeof *more);
    c->failed |= !more;
    if (!more)
        return;
    c->at = more;
    c->at[c->n++] = port;
}

static void cut_port_range(struct cuts *c, uint16_t from, uint16_t to)
{
    cut_ports_at(c, from);
    cut_ports_at(c, to + 1u);
}

static void cut_ports_by_rules(struct cuts *c, const struct guards *gs, uint8_t protocol)
{
    const struct rules *all = gs->rules ? *gs->rules : NULL;
    for (size_t i = 0; all && i < all->n; i++) {
        const struct rule *r = &all->rule[i];
        if (!(r->protocols & rule_protocol_bit(protocol)))
            continue;
        bool counts = i < all->mandatory ||
                      (r->profile && (demand_is_strict(&r->profile->who) || r->profile->beet));
        for (size_t k = 0; r->at_accept && counts && k < r->ports; k++)
            cut_port_range(c, r->port[k].from, r->port[k].to);
    }
}

static int compare_ports(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static struct cuts port_cuts_for(const struct guards *gs, const struct applicant *who,
                                 uint8_t protocol)
{
    struct cuts c = {0};
    cut_port_range(&c, 1, 65535);
    if (protocol == IPPROTO_UDP) {
        cut_port_range(&c, IKE_PORT, IKE_PORT);
        cut_port_range(&c, IKE_NAT_PORT, IKE_NAT_PORT);
    }
    cut_ports_by_rules(&c, gs, protocol);
    for (const struct floor *f = gs->floors ? gs->floors->list : NULL; f; f = f->next)
        if (f->protocol == protocol && floor_is_under(f, who->local, floor_service(f)))
            cut_port_range(&c, f->local.port, f->local.port);
    for (const struct guard *g = NULL; (g = guard_between(gs, who->local, who->remote, g));)
        if (g->mirror && g->certified && g->service.protocol == protocol)
            cut_port_range(&c, g->service.port, g->service.port);
    if (!c.failed)
        qsort(c.at, c.n, sizeof *c.at, compare_ports);
    return c;
}

static void open_served_inlets(struct inlets *l, const struct guards *gs,
                               const struct applicant *who, uint8_t protocol)
{
    struct cuts c = port_cuts_for(gs, who, protocol);
    uint32_t from = 1;
    const char *suite = NULL, *before = NULL;
    bool open = false;
    for (size_t i = 0; !c.failed && i + 1 < c.n; i++) {
        if (c.at[i] == c.at[i + 1])
            continue;
        bool was = open;
        open = serve_admits(gs, who, (struct service){protocol, (uint16_t)c.at[i]}, &suite, NULL);
        if (was && (!open || suite != before))
            inlets_open(l, protocol, (uint16_t)from, (uint16_t)(c.at[i] - 1), before);
        if (open && (!was || suite != before))
            from = c.at[i];
        before = suite;
    }
    if (open)
        inlets_open(l, protocol, (uint16_t)from, 65535, before);
    l->failed |= c.failed;
    free(c.at);
}

struct inlets serve_inlets(const struct guards *gs, const struct applicant *who)
{
    struct inlets l = {0};
    if (guards_no_latch(gs, who->remote, who->key, NULL))
        return l;
    for (const uint8_t *p = rule_protocols; *p; p++)
        open_served_inlets(&l, gs, who, *p);
    return l;
}
