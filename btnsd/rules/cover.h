/* Intervals on a line, each with rules; and for a point on it, the set of rules that cover it. */
#ifndef BTNS_RULES_COVER_H
#define BTNS_RULES_COVER_H

#include "bits.h"

typedef unsigned __int128 cover_number;

/* Where intervals begin or end. Only one of the two kinds on one line. */
struct cover_at {
    cover_number number;
    /* texts: with `after`, behind all texts that begin so */
    const char *text;
    uint32_t len;
    bool after;
};

/* Rules first to last (both included) begin or cease to cover here. */
struct cover_edge {
    struct cover_at at;
    uint32_t first, last;
    bool begins;
};

struct cover_edges {
    struct cover_edge *edge;
    size_t n, size;
};

struct cover {
    size_t n;
    cover_number *number; /* one of the two: where the line changes */
    struct cover_at *text;
    const uint64_t **set; /* what covers from there on */
    const uint64_t *none; /* before the first */
};

/* An interval of numbers, both ends included; or of all texts that begin with len octets of text.
 * 0 or -ENOMEM. */
int cover_numbers(struct cover_edges *e, cover_number from, cover_number to, uint32_t rule);
int cover_texts(struct cover_edges *e, const char *text, size_t len, uint32_t first, uint32_t last);
/* Frees the edges' memory. 0, -ENOMEM, or -E2BIG when *octets would be more than `most`. */
int cover_build(struct cover *c, bool texts, struct cover_edges *e, struct policy_arena *arena,
                size_t rules, size_t *octets, size_t most);

const uint64_t *cover_find_number(const struct cover *c, cover_number number);
const uint64_t *cover_find_text(const struct cover *c, const char *text, size_t len);
/* On a line whose texts are written from their ends to their beginnings; this one is not. */
const uint64_t *cover_find_reversed(const struct cover *c, const char *text, size_t len);

#endif
