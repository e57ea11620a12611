/*
 * Decides whether a unit can be covered, and writes the drop-in for it. Pure, except for the
 * output.
 */
#include "btnsd/ctl/cover/dropin.h"

#include <errno.h>
#include <string.h>

/* The system calls that btns-run and the shim need besides those of any program. */
#define CALLS                                                                                      \
    "@basic-io @file-system @io-event @ipc @network-io @process @signal @timer "                   \
    "getrandom madvise prctl prlimit64 sysinfo uname"

static const char *dropin_exec_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int dropin_refuse_command(const char *command, const char *runner, struct err *err)
{
    char program[256];
    if (!unit_program(command, program, sizeof program)) {
        err_set(err, "no program can be told from ExecStart=%.200s", command);
        return -ENOTSUP;
    }
    if (!strcmp(program, runner) || !strcmp(dropin_exec_base_name(program), "btns-run")) {
        err_set(err, "it runs under btns-run already: ExecStart=%.200s", command);
        return -EALREADY;
    }
    if (!strcmp(dropin_exec_base_name(program), "btnsd")) {
        err_set(err, "btnsd protects others' connections, not its own");
        return -ENOTSUP;
    }
    if (!strcmp(dropin_exec_base_name(program), "true")) {
        err_set(err,
                "it runs only %s: cover the unit that does the work (see systemctl "
                "list-dependencies)",
                program);
        return -ENOTSUP;
    }
    if (memchr(command, '@', unit_prefix(command))) {
        err_set(err,
                "its ExecStart gives the program another argv[0] (@), which btns-run cannot: "
                "%.200s",
                command);
        return -ENOTSUP;
    }
    return 0;
}

static int dropin_refuse_setting(const struct unit_text *u, const char *runner, struct err *err)
{
    int rc = 0;
    if (!u->commands)
        err_set(err, "it has no ExecStart=");
    else if (*u->root)
        err_set(err, "its root directory is %.200s, where btns-run and btnsd's socket are not",
                u->root);
    else if (u->own_network)
        err_set(err, "it has a network of its own, whose connections btnsd does not see");
    else if (u->calls.denies && unit_list_has(&u->calls, "@network-io"))
        err_set(err, "its SystemCallFilter= forbids it the network");
    for (unsigned i = 0; !rc && i < u->commands; i++)
        rc = dropin_refuse_command(u->command[i], runner, err);
    return rc ? rc : *err->text ? -ENOTSUP : 0;
}

static bool dropin_may_use_unix(const struct unit_list *families)
{
    return !families->set || unit_list_has(families, "AF_UNIX") != families->denies;
}

static bool dropin_may_call_seccomp(const struct unit_list *calls)
{
    return !calls->set || calls->denies || unit_list_has(calls, "@system-service");
}

/*
 * Prints the paths of btns-run and the shim: if btns-run is in PREFIX/bin, the shim is in
 * PREFIX/lib/btns; otherwise it is beside btns-run.
 */
static void print_dropin_exec(FILE *f, const char *runner)
{
    const char *slash = strrchr(runner, '/');
    int dir = slash ? (int)(slash - runner) : 0;
    bool in_bin = dir >= 4 && !strncmp(slash - 4, "/bin", 4);
    fprintf(f, "# What else it may execute.\nExecPaths=%s -%.*s/%s\n", runner,
            in_bin ? dir - 4 : dir, runner, in_bin ? "lib/btns" : "libbtns-shim.so");
}

int dropin_print(FILE *f, const struct unit_text *u, const char *runner, struct err *err)
{
    err->text[0] = '\0';
    int rc = dropin_refuse_setting(u, runner, err);
    if (rc)
        return rc;
    fputs("# Written by `btnsctl cover`; `btnsctl uncover` removes it. See btns-services(7).\n"
          "[Unit]\n"
          "# Not Requires=: systemd would restart the service with btnsd. Without btnsd the shim "
          "lets nothing out.\n"
          "Wants=btnsd.service\nAfter=btnsd.service\n\n[Service]\nExecStart=\n",
          f);
    for (unsigned i = 0; i < u->commands; i++) {
        const char *command = u->command[i];
        size_t prefix = unit_prefix(command);
        fprintf(f, "ExecStart=%.*s%s -- %s\n", (int)prefix, command, runner, command + prefix);
    }
    if (u->few_programs)
        print_dropin_exec(f, runner);
    if (!dropin_may_use_unix(&u->families))
        fputs("# btnsd is asked over a local socket.\nRestrictAddressFamilies=AF_UNIX\n", f);
    if (!dropin_may_call_seccomp(&u->calls))
        fputs("# For btns-run and the shim.\nSystemCallFilter=" CALLS "\n", f);
    return 0;
}
