/* The program to run: its file, and the ELF file the kernel would make of it. */
#ifndef BTNS_RUN_PROGRAM_H
#define BTNS_RUN_PROGRAM_H

#include "shim/run/refuse.h"

#include "libapi/wire/err.h"

struct program {
    char path[PATH_MAX];  /* what is executed */
    char image[PATH_MAX]; /* what then runs: itself or a script's interpreter, no symbolic links */
    struct evidence evidence;
};

/*
 * Finds the program and follows #! lines to the end. 0, or an exit status (EXIT_NOT_FOUND,
 * EXIT_CANNOT_RUN) with the reason in err. `machine` is the shim's.
 */
int program_examine(struct program *p, const char *name, uint16_t machine, struct err *err);

#endif
