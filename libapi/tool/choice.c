/* Finds the name that a word on the command line means: in full, abbreviated, or misspelt. */
#include "libapi/tool/choice.h"

#include <stdbool.h>
#include <string.h>

#define WORD_MAX 32 /* a longer word is never taken for a misspelling */
#define FEW      9  /* a message lists at most so many names */

static const char *choice_name(const struct choices *c, size_t row)
{
    const char *name;
    memcpy(&name, (const char *)c->rows + row * c->stride, sizeof name);
    return name;
}

static unsigned choice_least_of_three(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

#define CHOICE_FAR 99

/*
 * The number of letters that must be inserted, removed, changed or swapped (Damerau-Levenshtein,
 * without a second change to swapped letters), at most CHOICE_FAR.
 */
static unsigned choice_distance(const char *a, const char *b)
{
    unsigned d[WORD_MAX + 1][WORD_MAX + 1];
    size_t n = strlen(a), m = strlen(b);
    if (n > WORD_MAX || m > WORD_MAX)
        return CHOICE_FAR;
    for (size_t i = 0; i <= n; i++) {
        for (size_t j = 0; j <= m; j++) {
            if (!i || !j) {
                d[i][j] = (unsigned)(i + j);
                continue;
            }
            d[i][j] = choice_least_of_three(choice_least_of_three(d[i - 1][j], d[i][j - 1]) + 1,
                                            d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = choice_least_of_three(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[n][m];
}

/* The row most similar to the word, if it is similar enough to be what was meant; else -1. */
static int most_alike_choice(const struct choices *c, const char *word)
{
    unsigned best = strlen(word) < 4 ? 2 : 3;
    int row = -1;
    for (size_t i = 0; i < c->n; i++) {
        unsigned d = choice_distance(word, choice_name(c, i));
        if (d < best) {
            best = d;
            row = (int)i;
        }
    }
    return row;
}

/* Lists the names that begin with the word, as "status, verify"; with an empty word, all names. */
static void list_choice_names(const struct choices *c, const char *word, char *buf, size_t size)
{
    size_t at = 0;
    for (size_t i = 0; i < c->n && at < size; i++)
        if (!strncmp(choice_name(c, i), word, strlen(word)))
            at += (size_t)snprintf(buf + at, size - at, "%s%s%s", at ? ", " : "", c->prefix,
                                   choice_name(c, i));
}

static void say_unknown_choice(const struct choices *c, const char *word, struct err *err)
{
    char known[300] = "";
    int alike = most_alike_choice(c, word);
    if (alike >= 0) {
        err_set(err, "no such %s: %s%.80s; did you mean %s%s?", c->what, c->prefix, word, c->prefix,
                choice_name(c, (size_t)alike));
        return;
    }
    if (c->n <= FEW)
        list_choice_names(c, "", known, sizeof known);
    err_set(err, "no such %s: %s%.80s%s%s", c->what, c->prefix, word, *known ? "; there are: " : "",
            known);
}

int choice_find(const struct choices *c, const char *word, struct err *err)
{
    char names[300] = "";
    int row = -1;
    unsigned found = 0;
    for (size_t i = 0; i < c->n; i++) {
        if (!strcmp(choice_name(c, i), word))
            return (int)i;
        if (*word && !strncmp(choice_name(c, i), word, strlen(word))) {
            row = (int)i;
            found++;
        }
    }
    if (found == 1)
        return row;
    if (!found) {
        say_unknown_choice(c, word, err);
        return -1;
    }
    list_choice_names(c, word, names, sizeof names);
    err_set(err, "%s%.80s could be %s", c->prefix, word, names);
    return -1;
}
