/* A hash table from whole texts to sets of rules. */
#ifndef BTNS_RULES_WORDS_H
#define BTNS_RULES_WORDS_H

#include "btnsd/rules/index/named.h"

#include <stdbool.h>

struct words {
    struct word_place {
        const char *text; /* NULL: a free place */
        uint64_t hash;
        const uint64_t *set;
    } * place;
    size_t places; /* a power of two; 0: the table is empty */
};

/* 0 or -ENOMEM. `numbers`: the texts are words_digits(). */
int words_build(struct words *w, bool numbers, const struct named_sets *sets, struct packer *p);
/* A number as a text. */
#define WORDS_DIGITS 9
const char *words_digits(uint32_t number, char digits[WORDS_DIGITS]);
/* In a table of numbers. NULL: no rule has this one. */
const uint64_t *words_find_number(const struct words *w, uint32_t number);
/* NULL: no rule has this text. */
const uint64_t *words_find(const struct words *w, const char *text);

#endif
