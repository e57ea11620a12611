/* A generation's index: made once, when the generation is compiled. */
#include "index.h"

#include "glob.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct building {
    const struct rules *rules;
    struct rules_index *ix;
    struct packer p;
};

/* Rules of one program section stand next to each other, and share the list of its patterns. */
static size_t section_end(const struct rules *r, size_t first)
{
    size_t end = first + 1;
    while (end < r->n && r->rule[end].match == r->rule[first].match)
        end++;
    return end;
}

/* ---- sets that need no values */

static bool is_any(const struct rule *rule)
{
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*"))
            return true;
    return !rule->matches;
}

static bool lacks(const struct rule *rule, enum dimension d)
{
    const bool lacking[DIMENSIONS] = {
        [DIM_PROGRAM] = is_any(rule),        [DIM_REMOTE] = !rule->remotes,
        [DIM_PORT] = !rule->ports,           [DIM_POINT] = rule->at_connect && rule->at_accept,
        [DIM_USER] = !rule->users,           [DIM_GROUP] = !rule->groups,
        [DIM_CGROUP] = !rule->cgroups,       [DIM_LOCAL] = !rule->locals,
        [DIM_INTERFACE] = !rule->interfaces, [DIM_PEER] = rule->peer == SEEN_ANY,
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

/* ---- texts */

static int build_programs(struct building *b)
{
    const struct rules *r = b->rules;
    struct uses words = {0}, globs = {0};
    struct named_sets sets;
    int rc = 0;
    for (size_t i = 0, end; !rc && i < r->n; i = end) {
        end = section_end(r, i);
        for (size_t k = 0; !rc && k < r->rule[i].matches && !is_any(&r->rule[i]); k++) {
            char *match = r->rule[i].match[k];
            rc = uses_add(glob_is_literal(match) ? &words : &globs, match, i, end);
        }
    }
    if (!rc)
        rc = uses_pack(&words, &b->p, &sets);
    if (!rc)
        rc = words_build(&b->ix->program, false, &sets, &b->p);
    if (!rc)
        rc = uses_pack(&globs, &b->p, &sets);
    if (!rc)
        rc = grams_build(&b->ix->program_glob, false, &sets, &b->p);
    free(words.use);
    free(globs.use);
    return rc;
}

/* Adds what one rule, number i, has. */
typedef int add_uses(struct building *b, struct uses *u, const struct rule *rule, size_t i);

static int build_texts(struct building *b, add_uses *add, struct named_sets *sets)
{
    struct uses uses = {0};
    int rc = 0;
    for (size_t i = 0; !rc && i < b->rules->n; i++)
        rc = add(b, &uses, &b->rules->rule[i], i);
    if (!rc)
        rc = uses_pack(&uses, &b->p, sets);
    free(uses.use);
    return rc;
}

static int build_words(struct building *b, add_uses *add, bool numbers, struct words *w)
{
    struct named_sets sets;
    int rc = build_texts(b, add, &sets);
    return rc ? rc : words_build(w, numbers, &sets, &b->p);
}

static int add_texts(struct uses *u, char **text, size_t n, size_t i)
{
    int rc = 0;
    for (size_t k = 0; !rc && k < n; k++)
        rc = uses_add(u, text[k], i, i + 1);
    return rc;
}

static int add_cgroups(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    (void)b;
    return add_texts(u, rule->cgroup, rule->cgroups, i);
}

static int add_interfaces(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    (void)b;
    return add_texts(u, rule->interface, rule->interfaces, i);
}

static int add_numbers(struct building *b, struct uses *u, const uint32_t *number, size_t n,
                       size_t i)
{
    int rc = 0;
    char digits[WORDS_DIGITS];
    for (size_t k = 0; !rc && k < n; k++) {
        char *text = policy_arena_text(b->p.arena, words_digits(number[k], digits));
        rc = text ? uses_add(u, text, i, i + 1) : -ENOMEM;
    }
    return rc;
}

static int add_users(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    return add_numbers(b, u, rule->user, rule->users, i);
}

static int add_groups(struct building *b, struct uses *u, const struct rule *rule, size_t i)
{
    return add_numbers(b, u, rule->group, rule->groups, i);
}

static int build_names(struct building *b)
{
    struct named_sets sets;
    int rc = build_texts(b, add_cgroups, &sets);
    if (!rc)
        rc = grams_build(&b->ix->cgroup_glob, true, &sets, &b->p);
    if (!rc)
        rc = build_words(b, add_interfaces, false, &b->ix->interface);
    if (!rc)
        rc = build_words(b, add_users, true, &b->ix->user);
    return rc ? rc : build_words(b, add_groups, true, &b->ix->group);
}

/* ---- numbers */

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

static int build_covers(struct building *b)
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

int index_build(const struct rules *r, struct policy_arena *arena, const struct rules_index **index)
{
    struct building b = {.rules = r, .p = {.arena = arena, .shape = bits_shape(r->n)}};
    b.ix = policy_arena_get(arena, 1, sizeof *b.ix);
    if (!b.ix)
        return -ENOMEM;
    b.ix->shape = b.p.shape;
    b.p.octets = sizeof *b.ix;
    b.p.plain = calloc(b.p.shape.words + 1, sizeof *b.p.plain);
    int rc = b.p.plain ? build_plain_sets(&b) : -ENOMEM;
    if (!rc)
        rc = build_programs(&b);
    if (!rc)
        rc = build_names(&b);
    if (!rc)
        rc = build_covers(&b);
    b.ix->octets = b.p.octets;
    free(b.p.plain);
    *index = b.ix;
    return rc;
}
