/* A generation's index, made once, when it is compiled: the sets that need no values. */
#include "btnsd/rules/index/index_build.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool index_any_program(const struct rule *rule)
{
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*"))
            return true;
    return !rule->matches;
}

static bool lacks(const struct rule *rule, enum dimension d)
{
    const bool lacking[DIMENSIONS] = {
        [DIM_PROGRAM] = index_any_program(rule),
        [DIM_REMOTE] = !rule->remotes,
        [DIM_PORT] = !rule->ports,
        [DIM_POINT] = rule->at_connect && rule->at_accept,
        [DIM_USER] = !rule->users,
        [DIM_GROUP] = !rule->groups,
        [DIM_CGROUP] = !rule->cgroups,
        [DIM_LOCAL] = !rule->locals,
        [DIM_INTERFACE] = !rule->interfaces,
        [DIM_PEER] = rule->peer == SEEN_ANY,
    };
    return lacking[d];
}

static bool at_connect(const struct rule *rule)
{
    return rule->at_connect;
}

static bool at_accept(const struct rule *rule)
{
    return rule->at_accept;
}

static bool for_new(const struct rule *rule)
{
    return rule->peer == SEEN_NEW;
}

static bool for_known(const struct rule *rule)
{
    return rule->peer == SEEN_KNOWN;
}

/* The set of all rules and the empty one are there once: who meets one of them is done. */
static int pack(struct building *b, size_t members, const uint64_t **set)
{
    if (members && members < b->rules->n)
        return packer_pack(&b->p, set);
    *set = members ? b->p.all : b->p.none;
    memset(b->p.plain, 0, b->p.shape.words * sizeof *b->p.plain);
    return 0;
}

static int build_of(struct building *b, bool (*has)(const struct rule *rule), const uint64_t **set)
{
    size_t members = 0;
    for (size_t i = 0; i < b->rules->n; i++)
        if (has(&b->rules->rule[i])) {
            bits_add(b->p.plain, i);
            members++;
        }
    return pack(b, members, set);
}

static int build_without(struct building *b, enum dimension d)
{
    size_t members = 0;
    for (size_t i = 0; i < b->rules->n; i++)
        if (lacks(&b->rules->rule[i], d)) {
            bits_add(b->p.plain, i);
            members++;
        }
    return pack(b, members, &b->ix->without[d]);
}

static int build_plain_sets(struct building *b)
{
    struct rules_index *ix = b->ix;
    int rc = packer_pack(&b->p, &b->p.none);
    for (size_t i = 0; i < b->rules->n; i++)
        bits_add(b->p.plain, i);
    if (!rc)
        rc = packer_pack(&b->p, &b->p.all);
    ix->none = b->p.none;
    ix->all = b->p.all;
    for (enum dimension d = 0; !rc && d < DIMENSIONS; d++)
        rc = build_without(b, d);
    const struct {
        bool (*has)(const struct rule *rule);
        const uint64_t **set;
    } sets[] = {{at_connect, &ix->at[POINT_CONNECT]},
                {at_accept, &ix->at[POINT_ACCEPT]},
                {for_new, &ix->peer[SEEN_NEW]},
                {for_known, &ix->peer[SEEN_KNOWN]}};
    for (size_t i = 0; !rc && i < sizeof sets / sizeof *sets; i++)
        rc = build_of(b, sets[i].has, sets[i].set);
    ix->peer[SEEN_ANY] = ix->none;
    return rc;
}

int index_build(const struct rules *r, struct policy_arena *arena, const struct rules_index **index)
{
    if (r->n > INDEX_RULES_MAX)
        return -EFBIG;
    struct building b = {.rules = r, .p = {.arena = arena, .shape = bits_shape(r->n)}};
    b.ix = policy_arena_get(arena, 1, sizeof *b.ix);
    if (!b.ix)
        return -ENOMEM;
    b.ix->shape = b.p.shape;
    b.p.octets = sizeof *b.ix;
    b.p.plain = calloc(b.p.shape.words + 1, sizeof *b.p.plain);
    int rc = b.p.plain ? build_plain_sets(&b) : -ENOMEM;
    if (!rc)
        rc = index_build_texts(&b);
    if (!rc)
        rc = index_build_covers(&b);
    b.ix->octets = b.p.octets;
    free(b.p.plain);
    *index = b.ix;
    return rc;
}
