/* btnsctl's main(): parses the command line, runs the command, and reports how it ended. */
#include "btnsd/ctl/commands.h"
#include "btnsd/ctl/line/help.h"
#include "btnsd/ctl/line/line.h"
#include "btnsd/ctl/line/own_messages.h"
#include "libapi/client/ask.h"

#include <errno.h>
#include <string.h>

/* A full disk or a closed pipe makes the command fail, too, as its output is incomplete. */
static int finish_stdout(int status, struct err *err)
{
    errno = 0;
    if (!fflush(stdout) && !ferror(stdout))
        return status;
    if (status == CTL_OK)
        err_set(err, "cannot write: %s", strerror(errno ? errno : EIO));
    return status == CTL_OK ? CTL_FAILED : status;
}

static int run_command_line(const struct ctl_row *row, const struct ctl *c, struct err *err)
{
    if (*err->text)
        return CTL_USAGE;
    if (c->version)
        printf("btnsctl %s\n", BTNS_VERSION);
    else if (c->help)
        ctl_print_help(row);
    else
        return row->run(c, err);
    return CTL_OK;
}

int main(int argc, char **argv)
{
    struct ctl c = {.socket = ask_socket()};
    struct err err = {0};

    const struct ctl_row *row = ctl_parse_line(argc, argv, &c, &err);
    bool wrong = *err.text;
    int status = finish_stdout(run_command_line(row, &c, &err), &err);
    if (*err.text)
        ctl_say_error(&c, status, err.text);
    if (wrong && !c.json)
        fprintf(stderr, "Try 'btnsctl%s%s --help'.\n", row ? " " : "", row ? row->name : "");
    return status;
}
