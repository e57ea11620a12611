/* The first line of a script, read as the kernel reads it. */
#ifndef BTNS_RUN_SCRIPT_H
#define BTNS_RUN_SCRIPT_H

#include <stddef.h>

/* The kernel looks at no more of a file than this (BINPRM_BUF_SIZE since Linux 5.1). */
#define SCRIPT_LINE 256

/*
 * buf holds the first len bytes (at most SCRIPT_LINE) of a file. Returns 1 with the interpreter's
 * path, 0 when it is no script, -ENOEXEC when it is one the kernel refuses.
 */
int script_interpreter(const char *buf, size_t len, char interpreter[SCRIPT_LINE]);

#endif
