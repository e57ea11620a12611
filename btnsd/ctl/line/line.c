/* Parses btnsctl's command line. */
#include "btnsd/ctl/line/line.h"

#include <getopt.h>
#include <string.h>

/* If the line has an error before --json, the error is printed as JSON, too. */
static bool line_wants_json(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--json") || !strcmp(argv[i], "-j"))
            return true;
    return false;
}

static const struct ctl_row *find_command_row(const char *word, struct err *err)
{
    const struct choices commands = CHOICES(ctl_rows, ctl_rows_n, "command", "");
    int row = choice_find(&commands, word, err);
    return row < 0 ? NULL : &ctl_rows[row];
}

/* Are these arguments and options allowed for the command? */
static bool check_line(const struct ctl_row *row, const struct ctl *c, unsigned given,
                       struct err *err)
{
    unsigned wrong = given & ~(row->takes | OPT_ALWAYS);
    if (c->help || c->version)
        return true;
    if (c->n < row->least || c->n > row->most)
        err_set(err, "usage: btnsctl %s%s%s", row->name, *row->usage ? " " : "",
                *row->usage ? row->usage : " (nothing more)");
    else if (wrong)
        err_set(err, "%s does not take --%s", row->name, ctl_options[__builtin_ctz(wrong)].name);
    else
        return true;
    return false;
}

/*
 * For an option that no command has, proposes only options of the command that was typed, as it
 * would refuse others.
 */
static void line_say_unknown_command(int argc, char **argv, const char *option, struct err *err)
{
    struct option_row taken[CTL_OPTIONS + 1] = {0};
    const struct ctl_row *row = NULL;
    unsigned n = 0;
    for (int i = 1; i < argc && !row; i++)
        if (*argv[i] != '-')
            row = find_command_row(argv[i], NULL);
    for (unsigned i = 0; row && i < CTL_OPTIONS; i++)
        if ((row->takes | OPT_ALWAYS) & OPT_BIT(i))
            taken[n++] = ctl_options[i];
    if (row)
        options_say_unknown(taken, option, err);
}

const struct ctl_row *ctl_parse_line(int argc, char **argv, struct ctl *c, struct err *err)
{
    const char *arg;
    unsigned given = 0;
    int option;
    c->json = line_wants_json(argc, argv);
    while ((option = options_next(ctl_options, false, argc, argv, &arg, err)) >= 0) {
        ctl_set_option(c, (enum ctl_option)option, arg);
        given |= OPT_BIT(option);
    }
    if (option == OPTIONS_UNKNOWN)
        line_say_unknown_command(argc, argv, argv[optind - 1], err);
    if (option != OPTIONS_DONE) {
        c->help = c->version = false;
        return NULL;
    }
    int words = argc - optind;
    c->args = (const char *const *)argv + optind + (words > 0);
    c->n = words > 0 ? words - 1 : 0;
    if (!words && (c->help || c->version))
        return NULL;
    const struct ctl_row *row = words ? find_command_row(argv[optind], err) : &ctl_rows[0];
    if (!row || !check_line(row, c, given, err) || row->run)
        return row;
    c->help = true; /* "help", or "help COMMAND" */
    return c->n ? find_command_row(c->args[0], err) : NULL;
}
