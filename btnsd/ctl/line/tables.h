/*
 * The tables of the command line: commands and options. --help is printed from them; completion and
 * manual page must agree with them.
 */
#ifndef BTNS_CTL_LINE_TABLES_H
#define BTNS_CTL_LINE_TABLES_H

#include "btnsd/ctl/commands.h"
#include "libapi/tool/choice.h"
#include "libapi/tool/options.h"

#include <stdbool.h>
#include <stddef.h>

/* The rows of ctl_options; a command has a bit for each option that it takes. */
enum ctl_option {
    OPT_SOCKET,
    OPT_JSON,
    OPT_VERBOSE,
    OPT_CHECK,
    OPT_PROGRAM,
    OPT_PID,
    OPT_PEER,
    OPT_STATE,
    OPT_PORT,
    OPT_ACCEPT,
    OPT_USER,
    OPT_CGROUP,
    OPT_OFFLINE,
    OPT_HERE,
    OPT_NAME,
    OPT_ALL,
    OPT_MINE,
    OPT_KEY,
    OPT_LONG,
    OPT_DRY_RUN,
    OPT_ROOT,
    OPT_SELF,
    OPT_VERSION,
    OPT_HELP,
    CTL_OPTIONS
};
#define OPT_BIT(option) (1u << (option))
/* The options that every command takes. */
#define OPT_ALWAYS                                                                                 \
    (OPT_BIT(OPT_SOCKET) | OPT_BIT(OPT_JSON) | OPT_BIT(OPT_VERSION) | OPT_BIT(OPT_HELP))
extern const struct option_row ctl_options[CTL_OPTIONS + 1]; /* ended by a NULL name */

/* Sets the option's field of c. arg: see options_next(). */
void ctl_set_option(struct ctl *c, enum ctl_option option, const char *arg);

struct ctl_row {
    const char *name;
    ctl_command *run; /* NULL: help, which main.c prints */
    int least, most;  /* number of arguments */
    unsigned takes;   /* bits of the options that it takes besides OPT_ALWAYS */
    const char *usage;
    const char *sentence;
};
/* The first command runs when none is given. */
extern const struct ctl_row ctl_rows[];
extern const size_t ctl_rows_n;

#endif
