/* Finds a word among those that may stand there: whole, abbreviated, or what was probably meant. */
#ifndef BTNS_LIBAPI_TOOL_CHOICE_H
#define BTNS_LIBAPI_TOOL_CHOICE_H

#include "libapi/wire/err.h"

#include <stddef.h>

/* The rows of a table, each of which begins with its name: a const char *. */
struct choices {
    const void *rows;
    size_t stride, n;
    const char *what;   /* "command", "option": for messages */
    const char *prefix; /* "--", or "": stands before each name in messages */
};
#define CHOICES(table, number, what_, prefix_)                                                     \
    ((struct choices){(table), sizeof *(table), (number), (what_), (prefix_)})

/*
 * The number of the row whose name the word is, or the only one whose name it begins. Else -1, and
 * err says which names it could be, or which is most like it.
 */
int choice_find(const struct choices *c, const char *word, struct err *err);

#endif
