/* Finds the name that a word on the command line means: in full, abbreviated, or misspelt. */
#ifndef BTNS_LIBAPI_TOOL_CHOICE_H
#define BTNS_LIBAPI_TOOL_CHOICE_H

#include "libapi/wire/err.h"

#include <stddef.h>

/* The rows of a table, each of which begins with its name (a const char *). */
struct choices {
    const void *rows;
    size_t stride, n;
    const char *what;   /* for messages: "command", "option" */
    const char *prefix; /* for messages: stands before each name: "--" or "" */
};
#define CHOICES(table, number, what_, prefix_)                                                     \
    ((struct choices){(table), sizeof *(table), (number), (what_), (prefix_)})

/*
 * Returns the number of the row whose name is the word, or of the only row whose name begins with
 * it. Otherwise -1, and err lists the names that it could mean, or the most similar one.
 */
int choice_find(const struct choices *c, const char *word, struct err *err);

#endif
