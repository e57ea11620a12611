/*
 * Compares many patterns with one text at once, by an automaton with one bit for each part of a
 * pattern.
 */
#ifndef BTNS_RULES_INDEX_PATTERNS_H
#define BTNS_RULES_INDEX_PATTERNS_H

#include "btnsd/rules/model/arena.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * A nondeterministic automaton, run with one bit for each state. A pattern has one state in front
 * of each of its parts except stars, and one at its end. A bit that is set says that the text so
 * far matches the pattern so far. The time for each octet of the text depends only on the number of
 * bits, not on the patterns.
 */
struct patterns {
    size_t words;     /* of 64 bits; a multiple of PATTERNS_STRIDE */
    uint8_t row[256]; /* the row of `part` for an octet */
    uint64_t *part;   /* row after row: the states that such an octet leads to */
    uint64_t *hidden; /* the same, for a dot that begins a component */
    uint64_t *any;    /* the states that every octet but `/` and such a dot leads to */
    uint64_t *star;   /* the states in front of a star, which such an octet does not leave */
    uint64_t *begin;  /* each pattern's first state */
    uint32_t *last;   /* the number of each pattern's last state */
    size_t n;         /* patterns */
    uint64_t *now, *next, *found;
};
#define PATTERNS_STRIDE 2u

/* 0, -ENOMEM, or -E2BIG when *octets would be more than `most`. */
int patterns_build(struct patterns *p, char *const *pattern, size_t n, struct policy_arena *arena,
                   size_t *octets, size_t most);
/*
 * Compares all patterns with the text; patterns_matched() then says which of them match. within: a
 * pattern also matches a text below a path that it names.
 */
void patterns_compare(struct patterns *p, const char *text, bool within);
static inline bool patterns_matched(const struct patterns *p, size_t i)
{
    return p->found[p->last[i] / 64] >> p->last[i] % 64 & 1;
}

#endif
