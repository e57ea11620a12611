/* Parses btnsd's command line. */
#ifndef BTNS_START_OPTIONS_H
#define BTNS_START_OPTIONS_H

#include "btnsd/rules/model/rules.h"

struct options {
    struct rules_sources sources;
    const char *charon, *system_vici;
    const char *audit_log; /* NULL: none */
    unsigned linger;       /* seconds */
    unsigned hold;         /* seconds */
    int ready_fd;          /* -1: none */
    bool no_latching, drop_mandatory, read_task;
};

/* Fills o from the command line and defaults. Returns -1 to go on, or an exit status. */
int options_parse(int argc, char **argv, struct options *o);

#endif
