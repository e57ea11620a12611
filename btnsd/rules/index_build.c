/* A generation's index: made once, when the generation is compiled. */
#include "index.h"

#include "glob.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

struct building {
    const struct rules *rules;
    struct policy_arena *arena;
    struct rules_index *ix;
    uint64_t *plain;
};

/* Rules of one program section stand next to each other, and share the list of its patterns. */
static size_t section_end(const struct rules *r, size_t first)
{
    size_t end = first + 1;
    while (end < r->n && r->rule[end].match == r->rule[first].match)
        end++;
    return end;
}

static int pack(struct building *b, const uint64_t **set)
{
    *set = bits_pack(b->arena, &b->ix->shape, b->plain, &b->ix->octets);
    memset(b->plain, 0, b->ix->shape.words * sizeof *b->plain);
    return *set ? 0 : -ENOMEM;
}

static bool is_any(const struct rule *rule)
{
    for (size_t i = 0; i < rule->matches; i++)
        if (!strcmp(rule->match[i], "*"))
            return true;
    return !rule->matches;
}

static bool has(const struct rule *rule, size_t what)
{
    const bool holds[] = {false,        true,         rule->at_connect, rule->at_accept,
                          is_any(rule), !rule->ports, !rule->remotes};
    return holds[what];
}

static int build_plain_sets(struct building *b)
{
    struct rules_index *ix = b->ix;
    const uint64_t **const sets[] = {
        &ix->none,        &ix->all,      &ix->at[POINT_CONNECT], &ix->at[POINT_ACCEPT],
        &ix->any_program, &ix->any_port, &ix->any_remote};
    int rc = 0;
    for (size_t k = 0; !rc && k < sizeof sets / sizeof *sets; k++) {
        for (size_t i = 0; i < b->rules->n; i++)
            if (has(&b->rules->rule[i], k))
                bits_add(b->plain, i);
        rc = pack(b, sets[k]);
    }
    return rc;
}

static int build_sections(struct building *b)
{
    uint32_t *section = policy_arena_get(b->arena, b->rules->n + 1, sizeof *section);
    if (!section)
        return -ENOMEM;
    for (size_t i = 0, end, n = 0; i < b->rules->n; i = end, n++) {
        end = section_end(b->rules, i);
        for (size_t k = i; k < end; k++)
            section[k] = (uint32_t)n;
    }
    b->ix->section = section;
    b->ix->octets += b->rules->n * sizeof *section;
    return 0;
}

/* One path of one section; sorted by path, then by rule. */
struct use {
    const char *path;
    size_t first, end;
};

static int compare_uses(const void *a, const void *b)
{
    const struct use *x = a, *y = b;
    int differ = strcmp(x->path, y->path);
    return differ ? differ : (x->first > y->first) - (x->first < y->first);
}

static size_t collect_uses(const struct rules *r, struct use *use)
{
    size_t n = 0;
    for (size_t i = 0, end; i < r->n; i = end) {
        end = section_end(r, i);
        for (size_t k = 0; k < r->rule[i].matches; k++) {
            if (!glob_is_literal(r->rule[i].match[k]))
                continue;
            if (use)
                use[n] = (struct use){r->rule[i].match[k], i, end};
            n++;
        }
    }
    return n;
}

static void put_path(struct rules_index *ix, const char *path, const uint64_t *set)
{
    uint64_t hash = index_hash(path, strlen(path));
    size_t i = hash & (ix->paths - 1);
    while (ix->path[i].path)
        i = (i + 1) & (ix->paths - 1);
    ix->path[i] = (struct index_path){path, hash, set};
}

static int put_uses(struct building *b, const struct use *use, size_t n)
{
    int rc = 0;
    for (size_t i = 0, at; !rc && i < n;) {
        const uint64_t *set = NULL;
        for (at = i; i < n && !strcmp(use[at].path, use[i].path); i++)
            for (size_t k = use[i].first; k < use[i].end; k++)
                bits_add(b->plain, k);
        rc = pack(b, &set);
        if (!rc && b->ix->octets > INDEX_OCTETS_MAX)
            rc = -E2BIG;
        if (!rc)
            put_path(b->ix, use[at].path, set);
    }
    return rc;
}

static int build_paths(struct building *b)
{
    size_t n = collect_uses(b->rules, NULL);
    struct use *use = calloc(n + 1, sizeof *use);
    b->ix->paths = 2;
    while (b->ix->paths < 2 * n)
        b->ix->paths *= 2;
    b->ix->path = policy_arena_get(b->arena, b->ix->paths, sizeof *b->ix->path);
    b->ix->octets += b->ix->paths * sizeof *b->ix->path;
    int rc = -ENOMEM;
    if (use && b->ix->path) {
        collect_uses(b->rules, use);
        qsort(use, n, sizeof *use, compare_uses);
        rc = put_uses(b, use, n);
    }
    free(use);
    return rc;
}

static char *reversed(struct policy_arena *arena, const char *text, size_t len)
{
    char *copy = policy_arena_get(arena, len + 1, 1);
    for (size_t i = 0; copy && i < len; i++)
        copy[i] = text[len - 1 - i];
    return copy;
}

static int add_pattern(struct building *b, const char *pattern, size_t first, size_t end,
                       struct cover_edges *heads, struct cover_edges *tails)
{
    size_t len = strlen(pattern), tail = glob_literal_tail(pattern);
    const char *back = reversed(b->arena, pattern + len - tail, tail);
    int rc = back ? cover_texts(heads, pattern, glob_literal_head(pattern), (uint32_t)first,
                                (uint32_t)end - 1)
                  : -ENOMEM;
    return rc ? rc : cover_texts(tails, back, tail, (uint32_t)first, (uint32_t)end - 1);
}

static int build_patterns(struct building *b)
{
    const struct rules *r = b->rules;
    struct rules_index *ix = b->ix;
    struct cover_edges heads = {0}, tails = {0};
    int rc = 0;
    for (size_t i = 0, end; !rc && i < r->n; i = end) {
        end = section_end(r, i);
        for (size_t k = 0; !rc && k < r->rule[i].matches; k++)
            if (!glob_is_literal(r->rule[i].match[k]) && !is_any(&r->rule[i]))
                rc = add_pattern(b, r->rule[i].match[k], i, end, &heads, &tails);
    }
    ix->head.none = ix->tail.none = ix->none;
    if (!rc)
        rc = cover_build(&ix->head, true, &heads, b->arena, r->n, &ix->octets, INDEX_OCTETS_MAX);
    if (!rc)
        rc = cover_build(&ix->tail, true, &tails, b->arena, r->n, &ix->octets, INDEX_OCTETS_MAX);
    free(heads.edge);
    free(tails.edge);
    return rc;
}

static int build_ports(struct building *b)
{
    const struct rules *r = b->rules;
    struct cover_edges edges = {0};
    int rc = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; !rc && k < r->rule[i].ports; k++)
            rc = cover_numbers(&edges, r->rule[i].port[k].from, r->rule[i].port[k].to, (uint32_t)i);
    b->ix->port.none = b->ix->none;
    if (!rc)
        rc = cover_build(&b->ix->port, false, &edges, b->arena, r->n, &b->ix->octets,
                         INDEX_OCTETS_MAX);
    free(edges.edge);
    return rc;
}

static int build_remotes(struct building *b, int family, struct cover *c)
{
    const struct rules *r = b->rules;
    struct cover_edges edges = {0};
    int rc = 0;
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; !rc && k < r->rule[i].remotes; k++) {
            const struct prefix *p = &r->rule[i].remote[k];
            unsigned rest = btns_addr_bits(&p->net) - p->bits;
            cover_number from = index_number(&p->net);
            cover_number beyond = rest < 128 ? ((cover_number)1 << rest) - 1 : ~(cover_number)0;
            if (p->net.family == family)
                rc = cover_numbers(&edges, from, from + beyond, (uint32_t)i);
        }
    c->none = b->ix->none;
    if (!rc)
        rc = cover_build(c, false, &edges, b->arena, r->n, &b->ix->octets, INDEX_OCTETS_MAX);
    free(edges.edge);
    return rc;
}

int index_build(const struct rules *r, struct policy_arena *arena, const struct rules_index **index)
{
    struct building b = {.rules = r, .arena = arena};
    b.ix = policy_arena_get(arena, 1, sizeof *b.ix);
    if (!b.ix)
        return -ENOMEM;
    b.ix->shape = bits_shape(r->n);
    b.ix->octets = sizeof *b.ix;
    b.plain = calloc(b.ix->shape.words + 1, sizeof *b.plain);
    int rc = b.plain ? build_plain_sets(&b) : -ENOMEM;
    if (!rc)
        rc = build_sections(&b);
    if (!rc)
        rc = build_paths(&b);
    if (!rc)
        rc = build_patterns(&b);
    if (!rc)
        rc = build_ports(&b);
    if (!rc)
        rc = build_remotes(&b, AF_INET, &b.ix->remote4);
    if (!rc)
        rc = build_remotes(&b, AF_INET6, &b.ix->remote6);
    free(b.plain);
    if (!rc)
        *index = b.ix;
    return rc;
}
