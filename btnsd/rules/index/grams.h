/*
 * Which of many patterns match a text, without looking at the others: every pattern is found by
 * four octets in a row that each text it matches must have, those that the fewest patterns share.
 */
#ifndef BTNS_RULES_GRAMS_H
#define BTNS_RULES_GRAMS_H

#include "btnsd/rules/index/named.h"

#include <stdbool.h>

struct grams {
    struct named_set *pattern; /* by gram */
    struct gram {
        uint32_t gram, first, n; /* n 0: a free place */
    } * place;
    unsigned bits;       /* of the number of places; 0: there are no patterns */
    bool within;         /* a pattern also matches what lies within what it names */
    uint64_t filter[64]; /* which of 4096 hashes occur: most grams of a text do not */
};

/* Reorders the sets' items and keeps them. 0 or -ENOMEM. */
int grams_build(struct grams *g, bool within, const struct named_sets *sets, struct packer *p);

/*
 * Calls found(arg, set) with each matching pattern's set; some may come twice. Returns how many
 * patterns were compared.
 */
unsigned grams_find(const struct grams *g, const char *text,
                    void (*found)(void *arg, const uint64_t *set), void *arg);

#endif
