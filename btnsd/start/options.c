/* btnsd's command line: one table of its options, from which --help is made as well. */
#include "btnsd/start/options.h"

#include "btnsd/base/log.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLICY_DIR = 1,
    PACKAGE_DIR,
    AUTHORS_DIR,
    AUDIT_LOG,
    LINGER,
    CHARON,
    SYSTEM_VICI,
    NO_LATCHING,
    READY_FD,
    VERBOSE,
    VERSION,
    HELP,
    OPTIONS
};

static const struct {
    const char *name, *argument, *what;
} table[OPTIONS] = {
    [POLICY_DIR] = {"policy-dir", "DIR", "read *.conf from DIR (/etc/btns/policy.d)"},
    [PACKAGE_DIR] = {"package-dir", "DIR",
                     "read signed packages' *.conf from DIR (/usr/share/btns/policy.d)"},
    [AUTHORS_DIR] = {"authors-dir", "DIR",
                     "read who may sign packages from DIR (/etc/btns/authors.d)"},
    [AUDIT_LOG] = {"audit-log", "FILE",
                   "write the audit log there (/var/log/btns/audit.jsonl; \"\": none)"},
    [LINGER] = {"linger", "SECONDS", "keep the SA of an unused service so long (65: a TIME_WAIT)"},
    [CHARON] = {"charon", "PATH", "the IKE daemon to run (/usr/lib/ipsec/charon); none: run none"},
    [SYSTEM_VICI] = {"system-vici", "PATH",
                     "socket of the administrator's IKE daemon (/run/charon.vici)"},
    [NO_LATCHING] = {"no-latching", NULL, "make no latch at all: what must be protected fails"},
    [READY_FD] = {"ready-fd", "N", "write a line to descriptor N when requests are answered"},
    [VERBOSE] = {"verbose", NULL, "log each step"},
    [VERSION] = {"version", NULL, "show the version"},
    [HELP] = {"help", NULL, "show this text"},
};

static void help(void)
{
    puts("Usage: btnsd [OPTION]...\n"
         "Latches programs' connections to peer keys: decides by policy, keys, guards. See "
         "btnsd(8).\n");
    for (int i = 1; i < OPTIONS; i++) {
        char form[64];
        snprintf(form, sizeof form, "%s%s%s", table[i].name, table[i].argument ? " " : "",
                 table[i].argument ? table[i].argument : "");
        printf("  --%-17s  %s\n", form, table[i].what);
    }
    puts("\nRuns in the foreground, as root. SIGHUP reloads the policy, SIGTERM ends it.");
}

static int number(const char *text, unsigned max, unsigned *out)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && n <= max) {
        *out = (unsigned)n;
        return -1;
    }
    fprintf(stderr, "btnsd: not a number that is allowed here: '%s'\n", text);
    return 2;
}

static int take(int option, const char *argument, struct options *o)
{
    const char **text[OPTIONS] = {
        [POLICY_DIR] = &o->sources.policy,
        [PACKAGE_DIR] = &o->sources.packages,
        [AUTHORS_DIR] = &o->sources.authors,
        [AUDIT_LOG] = &o->audit_log,
        [CHARON] = &o->charon,
        [SYSTEM_VICI] = &o->system_vici,
    };
    unsigned fd;
    int status;
    if (text[option]) {
        *text[option] = argument;
        return -1;
    }
    switch (option) {
    case LINGER:
        return number(argument, 86400, &o->linger);
    case READY_FD:
        status = number(argument, 1023, &fd);
        o->ready_fd = status < 0 ? (int)fd : -1;
        return status;
    case NO_LATCHING:
        o->no_latching = true;
        return -1;
    case VERBOSE:
        log_verbose = true;
        return -1;
    case VERSION:
        puts("btnsd " BTNS_VERSION);
        return 0;
    default:
        help();
        return 0;
    }
}

int options_parse(int argc, char **argv, struct options *o)
{
    struct option longs[OPTIONS] = {{0}}; /* the last one ends it */
    for (int i = 1; i < OPTIONS; i++)
        longs[i - 1] = (struct option){table[i].name, table[i].argument != NULL, NULL, i};
    *o = (struct options){.sources = {.policy = "/etc/btns/policy.d",
                                      .packages = "/usr/share/btns/policy.d",
                                      .authors = "/etc/btns/authors.d"},
                          .charon = "/usr/lib/ipsec/charon",
                          .system_vici = "/run/charon.vici",
                          .audit_log = "/var/log/btns/audit.jsonl",
                          .linger = 65,
                          .ready_fd = -1};
    for (int c, status = -1; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        status = c > 0 && c < OPTIONS ? take(c, optarg, o) : 2;
        if (status >= 0)
            return status;
    }
    if (o->audit_log && !*o->audit_log)
        o->audit_log = NULL;
    if (optind == argc)
        return -1;
    fprintf(stderr, "btnsd: unexpected argument '%s'\n", argv[optind]);
    return 2;
}
