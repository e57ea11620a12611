/* Sets of rules as bits in the rules' order, in lines of 512 rules; lines with none are left out.
 */
#ifndef BTNS_RULES_BITS_H
#define BTNS_RULES_BITS_H

#include "btnsd/rules/model/arena.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A packed set is `summaries` words with one bit for each line that is not empty, for every line
 * its place among those, and these. A line is what a processor fetches at once: looking for what
 * many sets have in common costs a few instructions a line, and 10,000 rules are 20 lines.
 */
#define BITS_LINE_RULES 512
#define BITS_LINE_WORDS (BITS_LINE_RULES / 64)
/* As wide as any processor's registers are: gcc keeps wider ones in memory. */
typedef uint64_t bits_pair __attribute__((vector_size(16)));
struct bits_line {
    bits_pair a, b, c, d;
};

struct bits_shape {
    uint32_t words; /* of a set that is not packed, a bit a rule: whole lines */
    uint32_t lines;
    uint32_t summaries;
    uint32_t header; /* words before the lines */
};

struct bits_shape bits_shape(size_t rules);
/* A packed copy of `plain` (shape->words words); NULL when there is no memory. Adds to *octets. */
const uint64_t *bits_pack(struct policy_arena *arena, const struct bits_shape *shape,
                          const uint64_t *plain, size_t *octets);
/* An empty set with room for all lines, for bits_merge(); of shape->header + shape->words words. */
void bits_open(uint64_t *set, const struct bits_shape *shape);
/* Adds the members of another set. */
void bits_merge(uint64_t *set, const struct bits_shape *shape, const uint64_t *other);

static inline uint64_t bits_summary(const uint64_t *set, uint32_t i)
{
    return set[i];
}

static inline bool bits_has_line(const uint64_t *set, uint32_t i)
{
    return set[i / 64] >> i % 64 & 1;
}

/* A line that is there. */
static inline const struct bits_line *bits_line_at(const uint64_t *set,
                                                   const struct bits_shape *shape, uint32_t i)
{
    const uint16_t *place = (const uint16_t *)(set + shape->summaries);
    return (const struct bits_line *)(set + shape->header) + place[i];
}

static inline struct bits_line bits_or(const struct bits_line *x, const struct bits_line *y)
{
    return (struct bits_line){x->a | y->a, x->b | y->b, x->c | y->c, x->d | y->d};
}

static inline struct bits_line bits_and(const struct bits_line *x, const struct bits_line *y)
{
    return (struct bits_line){x->a & y->a, x->b & y->b, x->c & y->c, x->d & y->d};
}

static inline bool bits_any(const struct bits_line *line)
{
    bits_pair any = line->a | line->b | line->c | line->d;
    return any[0] | any[1];
}

static inline void bits_add(uint64_t *plain, size_t i)
{
    plain[i / 64] |= (uint64_t)1 << i % 64;
}

#endif
