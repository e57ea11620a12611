/* The program to run: its file, and the ELF file that the kernel would execute for it. */
#ifndef BTNS_SHIM_RUN_PROGRAM_H
#define BTNS_SHIM_RUN_PROGRAM_H

#include "shim/run/refuse.h"

#include "libapi/wire/err.h"

struct program {
    char path[PATH_MAX]; /* the file that is executed */
    /* the ELF file that then runs: path or a script's interpreter, without symbolic links */
    char image[PATH_MAX];
    struct evidence evidence;
};

/*
 * Finds the program and follows #! lines to an ELF file. Returns 0, or an exit status
 * (EXIT_NOT_FOUND, EXIT_CANNOT_RUN) with the reason in err. `machine` is the shim's.
 */
int program_examine(struct program *p, const char *name, uint16_t machine, struct err *err);

#endif
