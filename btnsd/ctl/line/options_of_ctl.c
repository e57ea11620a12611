/* The table of btnsctl's options, and the field of struct ctl that each one sets. */
#include "btnsd/ctl/line/tables.h"
#include "libapi/client/ask.h"

#include <string.h>

const struct option_row ctl_options[CTL_OPTIONS + 1] = {
    [OPT_SOCKET] = {"socket", 0, "PATH", "btnsd's socket, if not " BTNS_SOCKET "."},
    [OPT_JSON] = {"json", 'j', NULL, "Write JSON, errors too."},
    [OPT_VERBOSE] = {"verbose", 'v', NULL, "Show everything (explain, check, peers)."},
    [OPT_CHECK] = {"check", 0, NULL, "One line; exit status 1 if not all is well."},
    [OPT_PROGRAM] = {"program", 0, "NAME", "Only that program's; a glob."},
    [OPT_PID] = {"pid", 0, "PID", "Only that process's."},
    [OPT_PEER] = {"peer", 0, "PEER", "Only with that name, key or address."},
    [OPT_STATE] = {"state", 0, "STATE", "Only in that state: established, ..."},
    [OPT_PORT] = {"port", 0, "PORT", "Only with that port, at either end."},
    [OPT_ACCEPT] = {"accept", 0, NULL, "HOST:PORT is where the program accepts."},
    [OPT_USER] = {"user", 0, "USER", "That user's; another user needs root."},
    [OPT_CGROUP] = {"cgroup", 0, "PATH", "For a process in that control group."},
    [OPT_OFFLINE] = {"offline", 0, NULL, "Look at the files, not at this host."},
    [OPT_HERE] = {"here", 0, NULL, "Self-test in this network namespace."},
    [OPT_NAME] = {"name", 0, "NAME", "The policy's name, if not the file's."},
    [OPT_ALL] = {"all", 0, NULL, "All rules of others."},
    [OPT_MINE] = {"mine", 0, NULL, "Only root's own policies."},
    [OPT_KEY] = {"key", 0, "FILE", "The private key (policy sign)."},
    [OPT_LONG] = {"long", 0, NULL, "Short rules in the long form (policy show)."},
    [OPT_DRY_RUN] = {"dry-run", 0, NULL, "Say what would be done."},
    [OPT_ROOT] = {"root", 0, "DIR", "For the system in that directory."},
    [OPT_SELF] = {"self", 0, NULL, "This host's own key too (peers export)."},
    [OPT_VERSION] = {"version", 0, NULL, "Show the version."},
    [OPT_HELP] = {"help", 'h', NULL, "Show this text, or a command's."},
    {0},
};
_Static_assert(CTL_OPTIONS <= OPTIONS_MAX, "the parser takes no more options");

/* An option with an argument sets a const char *; the others set a bool. */
static const size_t field[CTL_OPTIONS] = {
    [OPT_SOCKET] = offsetof(struct ctl, socket),   [OPT_JSON] = offsetof(struct ctl, json),
    [OPT_VERBOSE] = offsetof(struct ctl, verbose), [OPT_CHECK] = offsetof(struct ctl, check),
    [OPT_PROGRAM] = offsetof(struct ctl, program), [OPT_PID] = offsetof(struct ctl, pid),
    [OPT_PEER] = offsetof(struct ctl, peer),       [OPT_STATE] = offsetof(struct ctl, state),
    [OPT_PORT] = offsetof(struct ctl, port),       [OPT_ACCEPT] = offsetof(struct ctl, accept),
    [OPT_USER] = offsetof(struct ctl, user),       [OPT_CGROUP] = offsetof(struct ctl, cgroup),
    [OPT_OFFLINE] = offsetof(struct ctl, offline), [OPT_HERE] = offsetof(struct ctl, here),
    [OPT_NAME] = offsetof(struct ctl, name),       [OPT_ALL] = offsetof(struct ctl, all),
    [OPT_MINE] = offsetof(struct ctl, mine),       [OPT_KEY] = offsetof(struct ctl, key),
    [OPT_LONG] = offsetof(struct ctl, as_long),    [OPT_DRY_RUN] = offsetof(struct ctl, dry_run),
    [OPT_ROOT] = offsetof(struct ctl, root),       [OPT_SELF] = offsetof(struct ctl, self),
    [OPT_VERSION] = offsetof(struct ctl, version), [OPT_HELP] = offsetof(struct ctl, help),
};

void ctl_set_option(struct ctl *c, enum ctl_option option, const char *arg)
{
    const bool given = true;
    if (ctl_options[option].arg)
        memcpy((char *)c + field[option], &arg, sizeof arg);
    else
        memcpy((char *)c + field[option], &given, sizeof given);
}
