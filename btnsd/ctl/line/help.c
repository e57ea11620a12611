/* Prints --help, for btnsctl or for one of its commands. */
#include "btnsd/ctl/line/help.h"

#include <string.h>

#define FORM 27 /* columns of a command with its arguments */

static void print_all_help(void)
{
    printf("usage: btnsctl [OPTION...] [COMMAND [ARG...]]\n\nCommands (alone: status); "
           "btnsctl COMMAND --help shows its options:\n");
    for (size_t i = 0; i < ctl_rows_n; i++) {
        char form[64];
        snprintf(form, sizeof form, "%s %s", ctl_rows[i].name, ctl_rows[i].usage);
        if (strlen(form) > FORM)
            printf("  %s\n  %*s%s\n", form, FORM + 2, "", ctl_rows[i].sentence);
        else
            printf("  %-*s  %s\n", FORM, form, ctl_rows[i].sentence);
    }
    printf("\nOptions:\n");
    options_help(ctl_options);
    printf("\nCommands and options can be abbreviated. Exit status: 0 done, 1 failed,\n"
           "2 wrong usage, 3 unknown, 4 denied by policy. See btnsctl(8).\n");
}

static void print_command_help(const struct ctl_row *row)
{
    printf("usage: btnsctl %s [OPTION...]%s%s\n\n%s\n\n", row->name, *row->usage ? " " : "",
           row->usage, row->sentence);
    if (row->run == ctl_peers)
        ctl_peers_forms();
    if (row->run == ctl_policy)
        ctl_policy_forms();
    printf("Options:\n");
    for (int i = 0; i < CTL_OPTIONS; i++)
        if ((row->takes | OPT_ALWAYS) & OPT_BIT(i))
            options_help_row(&ctl_options[i]);
    printf("\nSee btnsctl(8).\n");
}

void ctl_print_help(const struct ctl_row *row)
{
    if (row)
        print_command_help(row);
    else
        print_all_help();
}
