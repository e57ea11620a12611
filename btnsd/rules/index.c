/* A generation's index: intersecting the sets of rules that a question's parts lead to. */
#include "index.h"

#include "match.h"

#include <netinet/in.h>
#include <string.h>

cover_number index_number(const struct btns_addr *a)
{
    cover_number n = 0;
    for (size_t i = 0; i < (a->family == AF_INET ? 4 : 16); i++)
        n = n << 8 | a->ip[i];
    return n;
}

/* ---- the sets of one question: of each condition's, a rule must be in one */

#define SETS_MAX 64

struct sets {
    const struct rules_index *ix;
    const uint64_t *set[SETS_MAX];
    unsigned n;
    unsigned first; /* of the condition that is being looked at */
    bool whole;     /* every rule is in one of its sets */
    unsigned end[DIMENSIONS], conditions;
    bool nothing; /* no rule is in any set of some condition */
    bool unsure;  /* not all sets were noted: more rules than match are found */
};

static void add(void *arg, const uint64_t *set)
{
    struct sets *s = arg;
    if (!set || set == s->ix->none)
        return;
    for (unsigned i = s->first; i < s->n; i++)
        if (s->set[i] == set)
            return;
    if (set == s->ix->all) {
        s->whole = true;
    } else if (s->n == SETS_MAX) {
        s->whole = s->unsure = true;
    } else {
        s->set[s->n++] = set;
    }
}

static void end_condition(struct sets *s)
{
    s->nothing |= !s->whole && s->n == s->first;
    if (s->whole)
        s->n = s->first;
    else
        s->end[s->conditions++] = s->n;
    s->first = s->n;
    s->whole = false;
}

static const uint64_t *find_address(const struct cover *v4, const struct cover *v6,
                                    const struct btns_addr *a)
{
    if (a->family == AF_INET)
        return cover_find(v4, index_number(a));
    return a->family == AF_INET6 ? cover_find(v6, index_number(a)) : NULL;
}

static void add_groups(struct sets *s, const struct question *q)
{
    for (size_t i = 0; i < q->gids && !s->whole; i++)
        add(s, words_find_number(&s->ix->group, q->gid[i]));
}

static void add_program(struct sets *s, const struct question *q, struct index_effort *effort)
{
    const char *program = q->program ? q->program : "";
    add(s, words_find(&s->ix->program, program));
    effort->patterns += grams_find(&s->ix->program_glob, program, add, s);
}

/* The sets of the rules that have the condition and for which it holds. */
static void add_holding(struct sets *s, enum dimension d, const struct question *q,
                        struct index_effort *effort)
{
    const struct rules_index *ix = s->ix;
    switch (d) {
    case DIM_PROGRAM:
        add_program(s, q, effort);
        break;
    case DIM_REMOTE:
        add(s, find_address(&ix->remote4, &ix->remote6, &q->remote));
        break;
    case DIM_PORT:
        add(s, cover_find(&ix->port, match_service(q)));
        break;
    case DIM_POINT:
        add(s, ix->at[q->point]);
        break;
    case DIM_USER:
        add(s, words_find_number(&ix->user, q->uid));
        break;
    case DIM_GROUP:
        add_groups(s, q);
        break;
    case DIM_CGROUP:
        effort->patterns += grams_find(&ix->cgroup_glob, q->cgroup ? q->cgroup : "", add, s);
        break;
    case DIM_LOCAL:
        add(s, find_address(&ix->local4, &ix->local6, &q->local));
        break;
    case DIM_INTERFACE:
        add(s, q->interface ? words_find(&ix->interface, q->interface) : NULL);
        break;
    case DIM_PEER:
        add(s, ix->peer[q->peer]);
        break;
    case DIMENSIONS:
        break;
    }
}

static void find_sets(struct sets *s, const struct question *q, unsigned skip,
                      struct index_effort *effort)
{
    if (match_whoever_calls(q))
        skip |= 1u << DIM_REMOTE;
    if (match_wherever_called(q))
        skip |= 1u << DIM_LOCAL;
    for (enum dimension d = 0; d < DIMENSIONS && !s->nothing; d++) {
        const uint64_t *without = s->ix->without[d];
        if (without == s->ix->all || skip & 1u << d)
            continue;
        add(s, without);
        add_holding(s, d, q, effort);
        end_condition(s);
    }
}

static uint64_t summary(const struct sets *s, uint32_t i)
{
    uint64_t all = bits_summary(s->ix->all, i);
    for (unsigned c = 0, k = 0; c < s->conditions; c++) {
        uint64_t any = 0;
        for (; k < s->end[c]; k++)
            any |= bits_summary(s->set[k], i);
        all &= any;
    }
    return all;
}

static uint64_t word(const struct sets *s, uint32_t i)
{
    struct bits_shape shape = s->ix->shape;
    uint64_t all = s->conditions ? ~(uint64_t)0 : bits_word(s->ix->all, &shape, i);
    const uint64_t *const *set = s->set;
    for (const unsigned *end = s->end; all && end < s->end + s->conditions; end++) {
        uint64_t any = 0;
        for (; set < s->set + *end; set++)
            any |= bits_word(*set, &shape, i);
        all &= any;
    }
    return all;
}

static unsigned misses_of(unsigned dimensions)
{
    static const unsigned miss[DIMENSIONS] = {
        [DIM_PROGRAM] = MISS_PROGRAM, [DIM_REMOTE] = MISS_REMOTE, [DIM_PORT] = MISS_PORT,
        [DIM_POINT] = MISS_POINT,     [DIM_USER] = MISS_USER,     [DIM_GROUP] = MISS_GROUP,
        [DIM_CGROUP] = MISS_CGROUP,   [DIM_LOCAL] = MISS_LOCAL,   [DIM_INTERFACE] = MISS_INTERFACE,
        [DIM_PEER] = MISS_PEER,
    };
    unsigned misses = 0;
    for (enum dimension d = 0; d < DIMENSIONS; d++)
        misses |= dimensions & 1u << d ? miss[d] : 0;
    return misses;
}

/* The first rule among 64 that is found and, where the sets do not tell, matches. */
static size_t first_in_word(const struct rules *r, const struct question *q, const struct sets *s,
                            uint32_t i, uint64_t found, unsigned skip)
{
    for (; found; found &= found - 1) {
        uint32_t n = i * 64 + (uint32_t)__builtin_ctzll(found);
        if (!s->unsure || !(match_misses(&r->rule[n], q) & ~misses_of(skip)))
            return n;
    }
    return r->n;
}

size_t index_first(const struct rules *r, const struct question *q, size_t from, unsigned skip,
                   struct index_effort *effort)
{
    struct sets s;
    s.ix = r->index;
    s.n = s.first = s.conditions = 0;
    s.whole = s.nothing = s.unsure = false;
    if (from >= r->n)
        return r->n;
    find_sets(&s, q, skip, effort);
    for (uint32_t k = (uint32_t)(from / 4096); !s.nothing && k < s.ix->shape.summaries; k++) {
        uint64_t words = summary(&s, k);
        if (k == from / 4096)
            words &= ~(uint64_t)0 << from / 64 % 64;
        for (; words; words &= words - 1) {
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(words);
            uint64_t found = word(&s, i);
            if (i == from / 64)
                found &= ~(uint64_t)0 << from % 64;
            effort->words++;
            size_t n = first_in_word(r, q, &s, i, found, skip);
            if (n < r->n)
                return n;
        }
    }
    return r->n;
}
