/* A generation's index: intersecting the sets of rules that a question's parts lead to. */
#include "btnsd/rules/index/index.h"

#include "btnsd/rules/index/sets.h"

#include <netinet/in.h>
#include <string.h>

cover_number index_number(const struct btns_addr *a)
{
    cover_number n = 0;
    for (size_t i = 0; i < (a->family == AF_INET ? 4 : 16); i++)
        n = n << 8 | a->ip[i];
    return n;
}

/* Which of 64 lines can have a rule that is in every condition. */
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

/* The rules of a line that are in one of a condition's sets. */
static inline struct bits_line unite(const uint64_t *const *set, const uint64_t *const *end,
                                     const struct bits_shape *shape, uint32_t i)
{
    struct bits_line any = {0};
    for (; set < end; set++)
        if (bits_has_line(*set, i))
            any = bits_or(&any, bits_line_at(*set, shape, i));
    return any;
}

/* The rules of a line that are in one of the sets of each condition. */
static struct bits_line intersect(const struct sets *s, uint32_t i)
{
    const struct bits_shape shape = s->ix->shape;
    if (!s->conditions)
        return *bits_line_at(s->ix->all, &shape, i);
    struct bits_line rules = unite(s->set, s->set + s->end[0], &shape, i);
    for (unsigned c = 1; c < s->conditions && bits_any(&rules); c++) {
        struct bits_line any = unite(s->set + s->end[c - 1], s->set + s->end[c], &shape, i);
        rules = bits_and(&rules, &any);
    }
    return rules;
}

/* The first rule of a line from number `from` on, or r->n. */
static size_t first_of(const struct rules *r, uint32_t i, const struct bits_line *rules,
                       size_t from)
{
    uint64_t word[BITS_LINE_WORDS];
    size_t base = (size_t)i * BITS_LINE_RULES;
    size_t skip = from > base ? from - base : 0; /* less than a line */
    memcpy(word, rules, sizeof word);
    word[skip / 64] &= ~(uint64_t)0 << skip % 64;
    for (size_t k = skip / 64; k < BITS_LINE_WORDS; k++)
        if (word[k])
            return base + k * 64 + (size_t)__builtin_ctzll(word[k]);
    return r->n;
}

size_t index_first(const struct rules *r, const struct question *q, size_t from, unsigned skip,
                   struct index_effort *effort)
{
    struct sets s;
    uint32_t line = (uint32_t)(from / BITS_LINE_RULES);
    if (from >= r->n)
        return r->n;
    sets_find(&s, r->index, q, skip, effort);
    for (uint32_t k = line / 64; !s.nothing && k < s.ix->shape.summaries; k++) {
        uint64_t lines = summary(&s, k);
        if (k == line / 64)
            lines &= ~(uint64_t)0 << line % 64;
        for (; lines; lines &= lines - 1) {
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(lines);
            struct bits_line rules = intersect(&s, i);
            effort->lines++;
            size_t n = bits_any(&rules) ? first_of(r, i, &rules, from) : r->n;
            if (n < r->n)
                return n;
        }
    }
    return r->n;
}
