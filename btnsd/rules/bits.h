/* Sets of rules as bits in the rules' order: packed, because most of them are nearly empty. */
#ifndef BTNS_RULES_BITS_H
#define BTNS_RULES_BITS_H

#include "arena.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A packed set is `summary` words, one bit for each word of the set that is not zero, with the
 * words behind them: all of them, or those alone that are not zero, found by counting bits.
 */
struct bits_shape {
    uint32_t words;     /* of a set that is not packed: one bit a rule */
    uint32_t summaries; /* one bit a word */
};

struct bits_shape bits_shape(size_t rules);
/* A packed copy of `plain` (shape->words words); NULL when there is no memory. Adds to *octets. */
const uint64_t *bits_pack(struct policy_arena *arena, const struct bits_shape *shape,
                          const uint64_t *plain, size_t *octets);

static inline uint64_t bits_summary(const uint64_t *set, uint32_t i)
{
    return set[1 + i];
}

static inline uint64_t bits_word(const uint64_t *set, const struct bits_shape *shape, uint32_t i)
{
    const uint64_t *behind = set + 1 + shape->summaries;
    if (set[0])
        return behind[i];
    uint64_t summary = set[1 + i / 64], bit = (uint64_t)1 << i % 64;
    if (!(summary & bit))
        return 0;
    return behind[shape->summaries + behind[i / 64] +
                  (unsigned)__builtin_popcountll(summary & (bit - 1))];
}

static inline void bits_add(uint64_t *plain, size_t i)
{
    plain[i / 64] |= (uint64_t)1 << i % 64;
}

#endif
