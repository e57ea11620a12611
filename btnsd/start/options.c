/* Parses btnsd's command line by a table of options, from which --help is printed, too. */
#include "btnsd/start/options.h"

#include "btnsd/base/log.h"
#include "btnsd/rules/files/layers.h"

#include "libapi/tool/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    POLICY_DIR,
    VENDOR_DIR,
    PACKAGE_DIR,
    AUTHORS_DIR,
    AUDIT_LOG,
    LINGER,
    HOLD,
    CHARON,
    SYSTEM_VICI,
    NO_LATCHING,
    READY_FD,
    DROP_MANDATORY,
    READ_TASK,
    VERBOSE,
    VERSION,
    HELP,
    OPTIONS
};

static const struct option_row table[] = {
    [POLICY_DIR] = {"policy-dir", 0, "DIR",
                    "read *.conf from DIR alone (/etc/btns/policy.d, over the vendor's)"},
    [VENDOR_DIR] = {"vendor-dir", 0, "DIR",
                    "read the vendor's *.conf from DIR (/usr/lib/btns/policy.d)"},
    [PACKAGE_DIR] = {"package-dir", 0, "DIR",
                     "read signed packages' *.conf from DIR (/usr/share/btns/policy.d)"},
    [AUTHORS_DIR] = {"authors-dir", 0, "DIR",
                     "read the authors of signed packages from DIR (/etc/btns/authors.d)"},
    [AUDIT_LOG] = {"audit-log", 0, "FILE",
                   "write the audit log to FILE (/var/log/btns/audit.jsonl; \"\": none)"},
    [LINGER] = {"linger", 0, "SECONDS", "keep an unused service's SA N seconds (65: a TIME_WAIT)"},
    [HOLD] = {"hold", 0, "SECONDS", "hold packets to a silent peer at most N seconds (2)"},
    [CHARON] = {"charon", 0, "PATH",
                "the IKE daemon to run (/usr/lib/ipsec/charon); none: run none"},
    [SYSTEM_VICI] = {"system-vici", 0, "PATH",
                     "socket of the administrator's IKE daemon (/run/charon.vici)"},
    [NO_LATCHING] = {"no-latching", 0, NULL, "make no latch: connections that need one fail"},
    [READY_FD] = {"ready-fd", 0, "N", "write a line to descriptor N when requests are answered"},
    [DROP_MANDATORY] = {"drop-mandatory", 0, NULL,
                        "delete mandatory rules' SPD entries and end; no btnsd may run"},
    [READ_TASK] = {"read-task", 0, NULL,
                   "be the policy reader for the connection at standard input"},
    [VERBOSE] = {"verbose", 0, NULL, "log each step"},
    [VERSION] = {"version", 0, NULL, "show the version"},
    [HELP] = {"help", 0, NULL, "show this text"},
    [OPTIONS] = {0},
};
_Static_assert(OPTIONS <= OPTIONS_MAX, "the parser takes no more options");

static void print_btnsd_help(void)
{
    puts("Usage: btnsd [OPTION]...\n"
         "Latches programs' connections to peer keys: decides by policy, keys, guards. See "
         "btnsd(8).\n");
    options_help(table);
    puts("\nRuns in the foreground, as root. SIGHUP reloads the policy, SIGTERM ends it.");
}

/* Returns -1 to go on, or an exit status. */
static int parse_option_number(int option, const char *text, unsigned min, unsigned max,
                               unsigned *out)
{
    char *end;
    unsigned long n = strtoul(text, &end, 10);
    if (*text >= '0' && *text <= '9' && !*end && n >= min && n <= max) {
        *out = (unsigned)n;
        return -1;
    }
    fprintf(stderr, "btnsd: --%s wants a number from %u to %u, not '%s'\n", table[option].name, min,
            max, text);
    return 2;
}

static int take_option(int option, const char *argument, struct options *o)
{
    const char **text[OPTIONS] = {
        [VENDOR_DIR] = &o->sources.vendor,
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
    case POLICY_DIR:
        o->sources.policy = argument;
        if (o->sources.vendor == policy_places.vendor)
            o->sources.vendor = NULL;
        return -1;
    case LINGER:
        return parse_option_number(option, argument, 0, 86400, &o->linger);
    case HOLD:
        return parse_option_number(option, argument, 1, 60, &o->hold);
    case READY_FD:
        status = parse_option_number(option, argument, 0, 1023, &fd);
        o->ready_fd = status < 0 ? (int)fd : -1;
        return status;
    case NO_LATCHING:
        o->no_latching = true;
        return -1;
    case DROP_MANDATORY:
        o->drop_mandatory = true;
        return -1;
    case READ_TASK:
        o->read_task = true;
        return -1;
    case VERBOSE:
        log_verbose = true;
        return -1;
    case VERSION:
        puts("btnsd " BTNS_VERSION);
        return 0;
    default:
        print_btnsd_help();
        return 0;
    }
}

int options_parse(int argc, char **argv, struct options *o)
{
    const char *argument;
    struct err err;
    int option;
    *o = (struct options){.sources = policy_places,
                          .charon = "/usr/lib/ipsec/charon",
                          .system_vici = "/run/charon.vici",
                          .audit_log = "/var/log/btns/audit.jsonl",
                          .linger = 65,
                          .hold = 2,
                          .ready_fd = -1};
    while ((option = options_next(table, false, argc, argv, &argument, &err)) >= 0) {
        int status = take_option(option, argument, o);
        if (status >= 0)
            return status;
    }
    if (option != OPTIONS_DONE) {
        fprintf(stderr, "btnsd: %s\n", err.text);
        return 2;
    }
    if (o->audit_log && !*o->audit_log)
        o->audit_log = NULL;
    if (optind == argc)
        return -1;
    fprintf(stderr, "btnsd: unexpected argument '%s'\n", argv[optind]);
    return 2;
}
