/* Parses a systemd service unit, as far as it matters for covering the service. */
#ifndef BTNS_CTL_COVER_UNIT_TEXT_H
#define BTNS_CTL_COVER_UNIT_TEXT_H

#include "libapi/wire/err.h"

#include <stdbool.h>

#define UNIT_COMMANDS 16
#define UNIT_LINE     4096

/* A list that allows the names in it, or, with ~, all others; systemd.exec(5). */
struct unit_list {
    bool set, denies;
    char names[UNIT_LINE]; /* each with a space before and after it */
};

struct unit_text {
    char command[UNIT_COMMANDS][UNIT_LINE]; /* from ExecStart=, unchanged */
    unsigned commands;
    char root[UNIT_LINE];             /* RootDirectory= or RootImage= */
    bool own_network;                 /* PrivateNetwork=, NetworkNamespacePath= */
    struct unit_list families, calls; /* RestrictAddressFamilies=, SystemCallFilter= */
    bool few_programs;                /* NoExecPaths=: it may execute only what ExecPaths= names */
};

/*
 * Reads the text of a unit and its drop-ins, in the order in which systemd reads them (as
 * `systemctl cat` prints them). 0, or -errno with a reason.
 */
int unit_text_read(const char *text, struct unit_text *u, struct err *err);
bool unit_list_has(const struct unit_list *l, const char *name);
/*
 * The program of a command, without its prefix and quotes. False: there is none, or it is too long.
 */
bool unit_program(const char *command, char *program, size_t size);
/* How many characters of systemd's special prefix (@, -, :, +, !) the command begins with. */
size_t unit_prefix(const char *command);

#endif
