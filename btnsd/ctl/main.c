/* btnsctl's main(): a table of commands, and the parser of the command line. */
#include "btnsd/ctl/commands.h"
#include "libapi/client/conversation.h"
#include "libapi/tool/options.h"
#include "libapi/tool/text.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

enum row {
    SOCKET,
    JSON,
    ACCEPT,
    USER,
    CGROUP,
    OFFLINE,
    HERE,
    NAME,
    ALL,
    MINE,
    KEY,
    DRY_RUN,
    ROOT,
    VERSION,
    HELP
};
static const struct option_row options[] = {
    [SOCKET] = {"socket", 0, "PATH", "btnsd's socket, if it is not " BTNS_SOCKET "."},
    [JSON] = {"json", 0, NULL, "Write JSON (all commands but reload, forget, nolatch)."},
    [ACCEPT] = {"accept", 0, NULL, "HOST:PORT is where the program accepts (explain, verify)."},
    [USER] = {"user", 0, "USER", "For that user (explain, policy); another user needs root."},
    [CGROUP] = {"cgroup", 0, "PATH", "For a process in that control group (explain)."},
    [OFFLINE] = {"offline", 0, NULL, "Look at the files alone, not at this host (check)."},
    [HERE] = {"here", 0, NULL, "Self-test in this network namespace, with its firewall (audit)."},
    [NAME] = {"name", 0, "NAME", "The policy's name, if not the file's (policy add)."},
    [ALL] = {"all", 0, NULL, "All rules of others (policy block, unblock)."},
    [MINE] = {"mine", 0, NULL, "Only root's own policies (policy list)."},
    [KEY] = {"key", 0, "FILE", "The private key (policy sign)."},
    [DRY_RUN] = {"dry-run", 0, NULL, "Say what would be done (cover, uncover)."},
    [ROOT] = {"root", 0, "DIR", "For the system in that directory (cover, uncover)."},
    [VERSION] = {"version", 0, NULL, "Show the version."},
    [HELP] = {"help", 'h', NULL, "Show this text."},
    {0},
};
#define BIT(row) (1u << (row))
#define FILES    255 /* a directory has no more */

static ctl_command version, print_help;

static const struct command {
    const char *name;
    ctl_command *run;
    int least, most; /* arguments */
    unsigned takes;  /* which of JSON, ACCEPT and OFFLINE */
    const char *usage;
    const char *sentence;
} commands[] = {
    {"status", ctl_status, 0, 0, BIT(JSON), "", "Show the daemon, its key, rules and counts."},
    {"latches", ctl_latches, 0, 0, BIT(JSON), "", "List the latches: program, peer and state."},
    {"peers", ctl_peers, 0, 4, BIT(JSON), "[add|name ARG...]",
     "List the peers whose keys are known; pin or name one (root)."},
    {"explain", ctl_explain, 2, 3, BIT(JSON) | BIT(ACCEPT) | BIT(USER) | BIT(CGROUP),
     "PROGRAM [PROTO] HOST:PORT", "Show what btnsd would decide, and why."},
    {"check", ctl_check, 0, FILES, BIT(JSON) | BIT(OFFLINE), "[FILE|DIRECTORY...]",
     "Report faults in policy files; needs no btnsd."},
    {"audit", ctl_audit, 1, 1, BIT(JSON) | BIT(HERE), "tcp",
     "Attack a throw-away connection: is this host's TCP hardened?"},
    {"verify", ctl_verify, 1, 2, BIT(JSON) | BIT(ACCEPT), "RULE [HOST:PORT]",
     "Prove a rule by trying it (root)."},
    {"watch", ctl_watch, 0, 0, BIT(JSON), "", "Show events as they happen; ^C ends."},
    {"policy", ctl_policy, 1, 2,
     BIT(JSON) | BIT(USER) | BIT(NAME) | BIT(ALL) | BIT(MINE) | BIT(KEY), "add|remove|list|...",
     "Change your own rules, block others, sign a package's."},
    {"cover", ctl_cover, 1, 1, BIT(DRY_RUN) | BIT(ROOT), "UNIT",
     "Run a service of systemd's under btns-run (root)."},
    {"uncover", ctl_uncover, 1, 1, BIT(DRY_RUN) | BIT(ROOT), "UNIT", "Run it as before (root)."},
    {"reload", ctl_reload, 0, 0, 0, "", "Read the policy files again (root)."},
    {"forget", ctl_forget, 1, 1, 0, "ADDRESS|KEY", "Forget a known peer (root)."},
    {"nolatch", ctl_nolatch, 2, 2, 0, "KEY on|off",
     "Forbid or allow latches to a known peer (root)."},
    {"help", print_help, 0, 0, 0, "", "Show this text."},
};
#define COMMANDS (sizeof commands / sizeof *commands)

static int version(const struct ctl *c, struct err *err)
{
    (void)c;
    (void)err;
    printf("btnsctl %s\n", BTNS_VERSION);
    return CTL_OK;
}

static int print_help(const struct ctl *c, struct err *err)
{
    (void)c;
    (void)err;
    printf("usage: btnsctl [OPTION...] COMMAND [ARG...]\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        char form[64];
        snprintf(form, sizeof form, "%s %s", commands[i].name, commands[i].usage);
        printf("  %-25s  %s\n", form, commands[i].sentence);
    }
    printf("\nOptions:\n");
    options_help(options);
    printf("\nExit status: 0 done, 1 failed, 2 wrong usage, 3 unknown, 4 denied by policy. See "
           "btnsctl(8).\n");
    return CTL_OK;
}

/* Returns the command that an option such as --help stands for, or NULL. */
static ctl_command *take_option(int row, const char *arg, struct ctl *c)
{
    switch (row) {
    case SOCKET:
        c->socket = arg;
        return NULL;
    case JSON:
        c->json = true;
        return NULL;
    case ACCEPT:
        c->accept = true;
        return NULL;
    case USER:
        c->user = arg;
        return NULL;
    case CGROUP:
        c->cgroup = arg;
        return NULL;
    case OFFLINE:
        c->offline = true;
        return NULL;
    case HERE:
        c->here = true;
        return NULL;
    case NAME:
        c->name = arg;
        return NULL;
    case ALL:
        c->all = true;
        return NULL;
    case MINE:
        c->mine = true;
        return NULL;
    case KEY:
        c->key = arg;
        return NULL;
    case DRY_RUN:
        c->dry_run = true;
        return NULL;
    case ROOT:
        c->root = arg;
        return NULL;
    case VERSION:
        return version;
    default:
        return print_help;
    }
}

static ctl_command *find_command(int words, const char *const *word, const struct ctl *c,
                                 struct err *err)
{
    unsigned given = (c->json ? BIT(JSON) : 0) | (c->accept ? BIT(ACCEPT) : 0) |
                     (c->offline ? BIT(OFFLINE) : 0) | (c->user ? BIT(USER) : 0) |
                     (c->cgroup ? BIT(CGROUP) : 0) | (c->name ? BIT(NAME) : 0) |
                     (c->all ? BIT(ALL) : 0) | (c->mine ? BIT(MINE) : 0) | (c->key ? BIT(KEY) : 0) |
                     (c->here ? BIT(HERE) : 0) | (c->dry_run ? BIT(DRY_RUN) : 0) |
                     (c->root ? BIT(ROOT) : 0);
    const struct command *found = NULL;

    for (size_t i = 0; words && !found && i < COMMANDS; i++)
        if (!strcmp(commands[i].name, word[0]))
            found = &commands[i];
    if (!words)
        err_set(err, "which command?");
    else if (!found)
        err_set(err, "no such command: %s", word[0]);
    else if (words - 1 < found->least || words - 1 > found->most)
        err_set(err, "usage: btnsctl %s%s%s", found->name, *found->usage ? " " : "",
                *found->usage ? found->usage : " (nothing more)");
    else if (given & ~found->takes)
        err_set(err, "%s does not take --%s", found->name,
                options[__builtin_ctz(given & ~found->takes)].name);
    else
        return found->run;
    return NULL;
}

/* The command to run, or NULL with err. */
static ctl_command *parse_command(int argc, char **argv, struct ctl *c, struct err *err)
{
    const char *arg;
    int row;
    while ((row = options_next(options, false, argc, argv, &arg, err)) >= 0) {
        ctl_command *command = take_option(row, arg, c);
        if (command)
            return command;
    }
    if (row == OPTIONS_WRONG)
        return NULL;
    const char *const *words = (const char *const *)argv + optind;
    c->args = words + 1;
    c->n = argc - optind - 1;
    return find_command(argc - optind, words, c, err);
}

/* A full disk or a closed pipe is a failure, too: the output is incomplete. */
static int finish_output(int status, struct err *err)
{
    errno = 0;
    if (!fflush(stdout) && !ferror(stdout))
        return status;
    if (status == CTL_OK)
        err_set(err, "cannot write: %s", strerror(errno ? errno : EIO));
    return status == CTL_OK ? CTL_FAILED : status;
}

int main(int argc, char **argv)
{
    struct ctl c = {.socket = ask_socket()};
    struct err err = {0};
    char clean[4 * sizeof err.text + 32];

    ctl_command *command = parse_command(argc, argv, &c, &err);
    int status = finish_output(command ? command(&c, &err) : CTL_USAGE, &err);
    if (*err.text)
        fprintf(stderr, "btnsctl: %s\n", text_clean(clean, sizeof clean, err.text));
    if (!command)
        fprintf(stderr, "Try 'btnsctl --help'.\n");
    return status;
}
