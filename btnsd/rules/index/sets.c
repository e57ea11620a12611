/* The sets of rules that a question's parts lead to, condition by condition. */
#include "btnsd/rules/index/sets.h"

#include "btnsd/rules/model/match.h"

#include <netinet/in.h>

#define REPEATS                                                                                    \
    16 /* among so many it is looked for one that comes again: that costs, but no more */

static void merge(struct sets *s)
{
    s->together = s->room[s->merged++];
    bits_open(s->together, &s->ix->shape);
    for (unsigned i = s->first; i < s->n; i++)
        bits_merge(s->together, &s->ix->shape, s->set[i]);
    s->set[s->first] = s->together;
    s->n = s->first + 1;
}

static void add(void *arg, const uint64_t *set)
{
    struct sets *s = arg;
    if (!set || set == s->ix->none)
        return;
    if (set == s->ix->all) {
        s->whole = true;
        return;
    }
    for (unsigned i = s->first; i < s->n && i < s->first + REPEATS; i++)
        if (s->set[i] == set)
            return;
    if (!s->together && s->n == s->first + SETS_EACH)
        merge(s);
    if (s->together)
        bits_merge(s->together, &s->ix->shape, set);
    else
        s->set[s->n++] = set;
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
    s->together = NULL;
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

void sets_find(struct sets *s, const struct rules_index *ix, const struct question *q,
               unsigned skip, struct index_effort *effort)
{
    s->ix = ix;
    s->n = s->first = s->conditions = s->merged = 0;
    s->whole = s->nothing = false;
    s->together = NULL;
    if (match_whoever_calls(q))
        skip |= 1u << DIM_REMOTE;
    if (match_wherever_called(q))
        skip |= 1u << DIM_LOCAL;
    for (enum dimension d = 0; d < DIMENSIONS && !s->nothing; d++) {
        const uint64_t *without = ix->without[d];
        if (without == ix->all || skip & 1u << d)
            continue;
        add(s, without);
        add_holding(s, d, q, effort);
        end_condition(s);
    }
}
