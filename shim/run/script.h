/* Reads the interpreter from a script's first line, with the kernel's rules. */
#ifndef BTNS_SHIM_RUN_SCRIPT_H
#define BTNS_SHIM_RUN_SCRIPT_H

#include <stddef.h>

/*
 * The kernel reads no more of a file than this to find the line (BINPRM_BUF_SIZE since Linux 5.1).
 */
#define SCRIPT_LINE 256

/*
 * buf holds the first len bytes (at most SCRIPT_LINE) of a file. Returns 1 with the interpreter's
 * path, 0 if the file is no script, -ENOEXEC if the kernel refuses the script.
 */
int script_interpreter(const char *buf, size_t len, char interpreter[SCRIPT_LINE]);

#endif
