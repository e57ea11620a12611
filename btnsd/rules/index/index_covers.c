/* A generation's index: which rules cover which ports and addresses. */
#include "btnsd/rules/index/index_build.h"

#include <netinet/in.h>
#include <stdlib.h>

typedef int add_intervals(struct cover_edges *e, const struct rule *rule, uint32_t i);

static int build_cover(struct building *b, struct cover *c, add_intervals *add)
{
    struct cover_edges edges = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < b->rules->n; i++)
        rc = add(&edges, &b->rules->rule[i], (uint32_t)i);
    c->none = b->ix->none;
    if (!rc)
        rc = cover_build(c, &edges, b->p.arena, b->rules->n, &b->p.octets, INDEX_OCTETS_MAX);
    free(edges.edge);
    return rc;
}

static int add_ports(struct cover_edges *e, const struct rule *rule, uint32_t i)
{
    int rc = 0;
    for (size_t k = 0; !rc && k < rule->ports; k++)
        rc = cover_add(e, rule->port[k].from, rule->port[k].to, i);
    return rc;
}

static int add_prefixes(struct cover_edges *e, const struct prefix *p, size_t n, int family,
                        uint32_t i)
{
    int rc = 0;
    for (; !rc && n; p++, n--) {
        unsigned rest = btns_addr_bits(&p->net) - p->bits;
        cover_number from = index_number(&p->net);
        cover_number beyond = rest < 128 ? ((cover_number)1 << rest) - 1 : ~(cover_number)0;
        if (p->net.family == family)
            rc = cover_add(e, from, from + beyond, i);
    }
    return rc;
}

static int add_remote4(struct cover_edges *e, const struct rule *rule, uint32_t i)
{
    return add_prefixes(e, rule->remote, rule->remotes, AF_INET, i);
}

static int add_remote6(struct cover_edges *e, const struct rule *rule, uint32_t i)
{
    return add_prefixes(e, rule->remote, rule->remotes, AF_INET6, i);
}

static int add_local4(struct cover_edges *e, const struct rule *rule, uint32_t i)
{
    return add_prefixes(e, rule->local, rule->locals, AF_INET, i);
}

static int add_local6(struct cover_edges *e, const struct rule *rule, uint32_t i)
{
    return add_prefixes(e, rule->local, rule->locals, AF_INET6, i);
}

int index_build_covers(struct building *b)
{
    struct rules_index *ix = b->ix;
    const struct {
        struct cover *cover;
        add_intervals *add;
    } covers[] = {{&ix->port, add_ports},
                  {&ix->remote4, add_remote4},
                  {&ix->remote6, add_remote6},
                  {&ix->local4, add_local4},
                  {&ix->local6, add_local6}};
    int rc = 0;
    for (size_t i = 0; !rc && i < sizeof covers / sizeof *covers; i++)
        rc = build_cover(b, covers[i].cover, covers[i].add);
    return rc;
}
