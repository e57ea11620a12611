/* Sets of rules as bits in the rules' order: packing them. */
#include "bits.h"

#include <string.h>

struct bits_shape bits_shape(size_t rules)
{
    uint32_t words = (uint32_t)((rules + 63) / 64);
    return (struct bits_shape){.words = words, .summaries = (words + 63) / 64};
}

const uint64_t *bits_pack(struct policy_arena *arena, const struct bits_shape *shape,
                          const uint64_t *plain, size_t *octets)
{
    uint32_t filled = 0;
    for (uint32_t i = 0; i < shape->words; i++)
        filled += plain[i] != 0;
    bool whole = filled > shape->words / 4; /* then counting bits costs more than it saves */
    size_t n = 1 + (size_t)shape->summaries * (whole ? 1 : 2) + (whole ? shape->words : filled);
    uint64_t *set = policy_arena_get(arena, n, sizeof *set);
    if (!set)
        return NULL;
    *octets += n * sizeof *set;
    set[0] = whole;
    uint64_t *ranks = set + 1 + shape->summaries, *word = ranks + shape->summaries;
    if (whole)
        memcpy(ranks, plain, shape->words * sizeof *plain);
    for (uint32_t i = 0, at = 0; i < shape->words; i++) {
        if (!whole && i % 64 == 0)
            ranks[i / 64] = at;
        if (!plain[i])
            continue;
        set[1 + i / 64] |= (uint64_t)1 << i % 64;
        if (!whole)
            word[at++] = plain[i];
    }
    return set;
}
