/* Parses long options with one table, which also writes their part of --help. */
#include "libapi/tool/options.h"

#include "libapi/tool/choice.h"

#include <getopt.h>
#include <string.h>

#define FIRST 256 /* getopt's value for row 0: larger than any letter */

static void make_getopt_options(const struct option_row *table, bool stop, struct option *options,
                                char *letters)
{
    *letters++ = stop ? '+' : ':';
    if (stop)
        *letters++ = ':';
    int row = 0;
    for (; table[row].name && row < OPTIONS_MAX; row++) {
        options[row] = (struct option){
            .name = table[row].name, .has_arg = table[row].arg != NULL, .val = FIRST + row};
        if (table[row].letter)
            *letters++ = table[row].letter;
        if (table[row].letter && table[row].arg)
            *letters++ = ':';
    }
    *letters = '\0';
    options[row] = (struct option){0};
}

static int option_row_of(const struct option_row *table, int value)
{
    if (value >= FIRST)
        return value - FIRST;
    for (int row = 0; table[row].name; row++)
        if (table[row].letter == value)
            return row;
    return OPTIONS_WRONG;
}

/* getopt_long() does not report which options an abbreviation could mean, or which are similar. */
void options_say_unknown(const struct option_row *table, const char *word, struct err *err)
{
    char name[64];
    size_t n = 0;
    while (table[n].name)
        n++;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word + 2, "="), word + 2);
    const struct choices known = CHOICES(table, n, "option", "--");
    choice_find(&known, name, err);
}

int options_next(const struct option_row *table, bool stop, int argc, char **argv, const char **arg,
                 struct err *err)
{
    struct option options[OPTIONS_MAX + 1];
    char letters[2 * OPTIONS_MAX + 3];
    make_getopt_options(table, stop, options, letters);
    opterr = 0;
    int value = getopt_long(argc, argv, letters, options, NULL);
    *arg = optarg;
    switch (value) {
    case -1:
        return OPTIONS_DONE;
    case ':':
        err_set(err, "%s wants an argument", argv[optind - 1]);
        return OPTIONS_WRONG;
    case '?':
        if (optopt && optopt < FIRST)
            err_set(err, "no such option: -%c", optopt);
        else if (optopt)
            err_set(err, "%s takes no argument", argv[optind - 1]);
        else
            options_say_unknown(table, argv[optind - 1], err);
        return optopt ? OPTIONS_WRONG : OPTIONS_UNKNOWN;
    default:
        return option_row_of(table, value);
    }
}

void options_help_row(const struct option_row *row)
{
    char form[64], letter[8] = "    ";
    if (row->letter)
        snprintf(letter, sizeof letter, "-%c, ", row->letter);
    snprintf(form, sizeof form, "%s--%s%s%s", letter, row->name, row->arg ? " " : "",
             row->arg ? row->arg : "");
    printf("  %-25s  %s\n", form, row->help);
}

void options_help(const struct option_row *table)
{
    for (; table->name; table++)
        options_help_row(table);
}
