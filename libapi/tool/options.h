/* Parses long options with one table, which also writes their part of --help. */
#ifndef BTNS_LIBAPI_TOOL_OPTIONS_H
#define BTNS_LIBAPI_TOOL_OPTIONS_H

#include "libapi/wire/err.h"

#include <stdbool.h>

/* A table ends with a row whose name is NULL. At most OPTIONS_MAX rows. */
#define OPTIONS_MAX 32
struct option_row {
    const char *name;
    char letter;      /* short form, or 0 */
    const char *arg;  /* the argument's name in --help; NULL: no argument */
    const char *help; /* one sentence for --help */
};

enum {
    OPTIONS_DONE = -1,
    OPTIONS_WRONG = -2,
    OPTIONS_UNKNOWN = -3 /* returned instead of a row */
};

/*
 * Returns the row of the next option, with its argument in *arg; OPTIONS_DONE at the end (the other
 * words begin at getopt's `optind`); or OPTIONS_WRONG or OPTIONS_UNKNOWN with err. With `stop`,
 * options end at the first word that is no option (the words from there on belong to another
 * program); otherwise they may stand anywhere before "--".
 */
int options_next(const struct option_row *table, bool stop, int argc, char **argv, const char **arg,
                 struct err *err);
/* Reports that the table has no option "--word", and which options are similar. */
void options_say_unknown(const struct option_row *table, const char *word, struct err *err);
void options_help(const struct option_row *table);
/* Prints one option's line of --help. */
void options_help_row(const struct option_row *row);

#endif
