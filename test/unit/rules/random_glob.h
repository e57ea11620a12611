/* Random patterns, for the tests of patterns and of the index. */
#ifndef BTNS_TEST_UNIT_RULES_RANDOM_GLOB_H
#define BTNS_TEST_UNIT_RULES_RANDOM_GLOB_H

#include "test/unit/rules/make.h"

static struct dice dice;

static inline unsigned d(unsigned below)
{
    return roll(&dice, below);
}

/* One octet in eight is special. */
static inline void random_glob(char *glob, unsigned most)
{
    static const char letters[] = "abcab/cabc*bca?";
    unsigned n = 0;
    glob[n++] = '/';
    for (unsigned k = d(most); k; k--) {
        char c = letters[d(sizeof letters - 1)];
        if (c != '/' || glob[n - 1] != '/')
            glob[n++] = c;
    }
    n -= n > 1 && glob[n - 1] == '/';
    glob[n] = 0;
    if (n == 1)
        strcpy(glob, "/a");
}

#endif
