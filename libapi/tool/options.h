/* Long options from one table, which also writes their part of --help. */
#ifndef BTNS_TOOL_OPTIONS_H
#define BTNS_TOOL_OPTIONS_H

#include "libapi/wire/err.h"

#include <stdbool.h>

/* A table ends with a row whose name is NULL. At most OPTIONS_MAX rows. */
#define OPTIONS_MAX 16
struct option_row {
    const char *name;
    char letter;      /* short form, or 0 */
    const char *arg;  /* what its argument is called; NULL: it takes none */
    const char *help; /* one sentence */
};

enum { OPTIONS_DONE = -1, OPTIONS_WRONG = -2 };

/*
 * The row of the next option (its argument is in *arg), OPTIONS_DONE (the rest begins at
 * getopt's `optind`), or OPTIONS_WRONG with err. stop: at the first word that is no option, which
 * is then somebody else's command line; else options may stand anywhere before "--".
 */
int options_next(const struct option_row *table, bool stop, int argc, char **argv, const char **arg,
                 struct err *err);
void options_help(const struct option_row *table);

#endif
