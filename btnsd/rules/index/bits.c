/* Sets of rules as bits in the rules' order: packing and merging them. */
#include "btnsd/rules/index/bits.h"

#include <string.h>

struct bits_shape bits_shape(size_t rules)
{
    uint32_t lines = (uint32_t)((rules + BITS_LINE_RULES - 1) / BITS_LINE_RULES);
    uint32_t summaries = (lines + 63) / 64, header = summaries + (lines + 3) / 4;
    return (struct bits_shape){.words = lines * BITS_LINE_WORDS,
                               .lines = lines,
                               .summaries = summaries,
                               .header = header + header % 2}; /* as lines are aligned */
}

static uint16_t *places_of(uint64_t *set, const struct bits_shape *shape)
{
    return (uint16_t *)(set + shape->summaries);
}

static bool is_empty(const uint64_t *line)
{
    uint64_t any = 0;
    for (unsigned i = 0; i < BITS_LINE_WORDS; i++)
        any |= line[i];
    return !any;
}

const uint64_t *bits_pack(struct policy_arena *arena, const struct bits_shape *shape,
                          const uint64_t *plain, size_t *octets)
{
    size_t n = shape->header;
    for (uint32_t i = 0; i < shape->lines; i++)
        n += is_empty(plain + i * BITS_LINE_WORDS) ? 0 : BITS_LINE_WORDS;
    uint64_t *set = policy_arena_get(arena, n, sizeof *set);
    if (!set)
        return NULL;
    *octets += n * sizeof *set;
    for (uint32_t i = 0, at = 0; i < shape->lines; i++) {
        const uint64_t *line = plain + i * BITS_LINE_WORDS;
        if (is_empty(line))
            continue;
        set[i / 64] |= (uint64_t)1 << i % 64;
        memcpy(set + shape->header + at * BITS_LINE_WORDS, line, BITS_LINE_RULES / 8);
        places_of(set, shape)[i] = (uint16_t)at++;
    }
    return set;
}

void bits_open(uint64_t *set, const struct bits_shape *shape)
{
    memset(set, 0, shape->summaries * sizeof *set);
    for (uint32_t i = 0; i < shape->lines; i++)
        places_of(set, shape)[i] = (uint16_t)i;
}

void bits_merge(uint64_t *set, const struct bits_shape *shape, const uint64_t *other)
{
    for (uint32_t k = 0; k < shape->summaries; k++) {
        for (uint64_t rest = other[k]; rest; rest &= rest - 1) {
            uint32_t i = k * 64 + (uint32_t)__builtin_ctzll(rest);
            struct bits_line *mine = (struct bits_line *)(set + shape->header) + i;
            const struct bits_line *more = bits_line_at(other, shape, i);
            *mine = bits_has_line(set, i) ? bits_or(mine, more) : *more;
        }
        set[k] |= other[k];
    }
}
