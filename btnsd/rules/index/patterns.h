/* Many patterns compared with one text at once: a machine with a bit for each of their parts. */
#ifndef BTNS_RULES_PATTERNS_H
#define BTNS_RULES_PATTERNS_H

#include "btnsd/rules/model/arena.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Each pattern has as many bits as octets it matches without its stars, and one more. A bit that is
 * set says: the text so far is matched by the pattern so far. What an octet of the text costs
 * depends on the number of bits alone, not on what the patterns say.
 */
struct patterns {
    size_t words;     /* of 64 bits; a multiple of PATTERNS_STRIDE */
    uint8_t row[256]; /* of an octet of the text */
    uint64_t *part;   /* row after row: the bits that such an octet leads to */
    uint64_t *hidden; /* the same, for a dot that begins a component */
    uint64_t *any;    /* the bits that every octet but `/` and such a dot leads to */
    uint64_t *star;   /* the bits that stay when such an octet comes */
    uint64_t *begin;  /* each pattern's first bit */
    uint32_t *last;   /* the number of each pattern's last bit */
    size_t n;         /* patterns */
    uint64_t *now, *next, *found;
};
#define PATTERNS_STRIDE 2u

/* 0, -ENOMEM, or -E2BIG when *octets would be more than `most`. */
int patterns_build(struct patterns *p, char *const *pattern, size_t n, struct policy_arena *arena,
                   size_t *octets, size_t most);
/*
 * Compares all of them. within: they may also match a beginning of the text that ends before a
 * `/`. Afterwards patterns_matched() says of each whether it matches.
 */
void patterns_compare(struct patterns *p, const char *text, bool within);
static inline bool patterns_matched(const struct patterns *p, size_t i)
{
    return p->found[p->last[i] / 64] >> p->last[i] % 64 & 1;
}

#endif
