/* Turns mandatory rules into SPD entries. Pure. */
#include "btnsd/latch/floor/mandatory.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

/* An SPD selector cannot name programs or users: the shim enforces rules that do. */
bool mandatory_is_for_everybody(const struct rule *rule)
{
    if (rule->unresolved_in & (UNRESOLVED_USER | UNRESOLVED_GROUP) || rule->users || rule->groups ||
        rule->cgroups || rule->interfaces || rule->peer != SEEN_ANY)
        return false;
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*"))
            return true;
    return !rule->matches;
}

static bool mandatory_blocks(const struct rule *rule)
{
    return rule->action == ACTION_PROTECT || rule->action == ACTION_DISCARD;
}

static bool is_mandatory_in_kernel(const struct rules *r, size_t i)
{
    bool behind = false;
    for (size_t k = i + 1; k < r->mandatory; k++)
        behind |= mandatory_blocks(&r->rule[k]) && mandatory_is_for_everybody(&r->rule[k]);
    return mandatory_blocks(&r->rule[i]) ? mandatory_is_for_everybody(&r->rule[i]) : behind;
}

/* A port and a mask. Several of these together make up a range of ports in SPD selectors. */
struct masked {
    uint16_t port, mask;
};
#define MASKS_MAX 30 /* for one range of 16 bits */

static size_t mask_mandatory_ports(struct ports range, struct masked out[MASKS_MAX])
{
    uint32_t from = range.from, to = range.to;
    size_t n = 0;
    while (from <= to) {
        uint32_t size = from ? from & -from : 0x10000;
        while (from + size - 1 > to)
            size /= 2;
        out[n++] = (struct masked){(uint16_t)from, (uint16_t)(0xffff & ~(size - 1))};
        from += size;
    }
    return n;
}

struct planning {
    struct mandatory *m;
    const struct rule *rule;
    uint32_t priority;
    bool full;
};

static void add_mandatory_both_ways(struct planning *p, const struct spd_entry *e)
{
    if (p->m->n + 2 > MANDATORY_ENTRIES) {
        p->full = true;
        return;
    }
    for (int dir = 0; dir < 2; dir++) {
        p->m->entry[p->m->n] = *e;
        p->m->entry[p->m->n++].dir = dir ? SPD_IN : SPD_OUT;
    }
}

static void set_mandatory_port(struct btns_addr *a, struct spd_port_mask *range, struct masked port)
{
    if (port.mask == 0xffff)
        a->port = port.port;
    else
        *range = (struct spd_port_mask){port.port, port.mask};
}

static void add_mandatory_port(struct planning *p, const struct prefix *local,
                               const struct prefix *remote, const struct masked *port,
                               uint8_t protocol)
{
    const struct spd_entry e = {
        .priority = p->priority,
        .action = mandatory_blocks(p->rule) ? SPD_BLOCK : SPD_ALLOW,
        .protocol = protocol,
        .local = local->net,
        .local_bits = (uint8_t)local->bits,
        .remote = remote->net,
        .remote_bits = (uint8_t)remote->bits,
    };
    struct spd_entry connect = e, accept = e;
    if (port) {
        set_mandatory_port(&connect.remote, &connect.remote_ports, *port);
        set_mandatory_port(&accept.local, &accept.local_ports, *port);
    }
    if (p->rule->at_connect)
        add_mandatory_both_ways(p, &connect);
    if (p->rule->at_accept && (port || !p->rule->at_connect))
        add_mandatory_both_ways(p, &accept);
}

/*
 * A rule that fails closed because its name cannot be resolved must not block the resolver: it
 * blocks every remote port except those of name servers (DNS, and DNS over TLS).
 */
static void add_all_but_dns(struct planning *p, const struct prefix *local,
                            const struct prefix *remote, uint8_t protocol)
{
    static const struct ports others[] = {{1, 52}, {54, 852}, {854, 65535}};
    struct masked masked[MASKS_MAX];
    struct rule whole = *p->rule;
    const struct rule *rule = p->rule;
    whole.at_connect = rule->at_connect || rule->at_accept;
    whole.at_accept = false;
    p->rule = &whole;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        size_t n = mask_mandatory_ports(others[i], masked);
        for (size_t k = 0; k < n; k++)
            add_mandatory_port(p, local, remote, &masked[k], protocol);
    }
    p->rule = rule;
}

static void add_mandatory_pair(struct planning *p, const struct prefix *local,
                               const struct prefix *remote, uint8_t protocol)
{
    struct masked masked[MASKS_MAX];
    if (local->net.family != remote->net.family)
        return;
    if (p->rule->unresolved_in && !p->rule->ports) {
        add_all_but_dns(p, local, remote, protocol);
        return;
    }
    if (!p->rule->ports)
        add_mandatory_port(p, local, remote, NULL, protocol);
    for (size_t i = 0; i < p->rule->ports; i++) {
        size_t n = mask_mandatory_ports(p->rule->port[i], masked);
        for (size_t k = 0; k < n; k++)
            add_mandatory_port(p, local, remote, &masked[k], protocol);
    }
}

static void add_mandatory_rule(struct planning *p)
{
    static const struct prefix all[] = {{.net = {.family = AF_INET}},
                                        {.net = {.family = AF_INET6}}};
    const struct rule *rule = p->rule;
    const struct prefix *local = rule->locals ? rule->local : all;
    const struct prefix *remote = rule->remotes ? rule->remote : all;
    for (size_t i = 0; i < (rule->locals ? rule->locals : 2) && !p->full; i++)
        for (size_t k = 0; k < (rule->remotes ? rule->remotes : 2) && !p->full; k++)
            for (const uint8_t *t = rule_protocols; *t; t++)
                if (rule->protocols & rule_protocol_bit(*t))
                    add_mandatory_pair(p, &local[i], &remote[k], *t);
}

int mandatory_plan(const struct rules *r, struct mandatory *m, struct err *err)
{
    struct planning p = {.m = m};
    *m = (struct mandatory){.entry = calloc(MANDATORY_ENTRIES, sizeof *m->entry)};
    if (!m->entry) {
        err_set(err, "out of memory");
        return -ENOMEM;
    }
    for (size_t i = 0; i < r->mandatory && !p.full; i++) {
        if (!is_mandatory_in_kernel(r, i))
            continue;
        p.rule = &r->rule[i];
        p.priority = (uint32_t)(PRIO_MANDATORY + i);
        if (i >= MANDATORY_RULES)
            p.full = true;
        else
            add_mandatory_rule(&p);
    }
    if (!p.full)
        return 0;
    err_set(err,
            "%s:%u: with rule \"%s\" the mandatory rules make more than %d SPD entries: use fewer "
            "prefixes, and port ranges that begin at multiples of their size",
            p.rule->file, p.rule->line, p.rule->name, MANDATORY_ENTRIES);
    free(m->entry);
    *m = (struct mandatory){.n = 0};
    return -E2BIG;
}
