/* A hash table from whole texts to sets of rules. */
#ifndef BTNS_RULES_WORDS_H
#define BTNS_RULES_WORDS_H

#include "named.h"

struct words {
    struct word_place {
        const char *text; /* NULL: a free place */
        uint64_t hash;
        const uint64_t *set;
    } * place;
    size_t places; /* a power of two; 0: the table is empty */
};

/* 0 or -ENOMEM. */
int words_build(struct words *w, const struct named_sets *sets, struct packer *p);
/* NULL: no rule has this text. */
const uint64_t *words_find(const struct words *w, const char *text);

#endif
