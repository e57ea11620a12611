/* Lines for the person who started the program, on the program's own standard error. */
#ifndef BTNS_SHIM_SUPERVISE_LINES_H
#define BTNS_SHIM_SUPERVISE_LINES_H

#include "libapi/wire/addr.h"
#include "shim/supervise/caller.h"

/* Remembers what descriptor 2 is now: lines go only to the same file, or to a terminal. */
void lines_begin(void);
/* Writes "btns: PROGRAM: HOST:PORT: WHAT TEXT", as the shim does; `where` may be NULL. */
void line_write(const struct caller *c, const struct btns_addr *where, const char *what,
                const char *text);
/*
 * Like line_write(), but skips a line that repeats the last one about this destination, and limits
 * the lines in a second.
 */
void line_once(const struct caller *c, const struct btns_addr *where, const char *what,
               const char *text);
/* Writes "btns: TEXT", for a message that is not about this program alone. */
void line_to_person(const struct caller *c, const char *text);
/* A connection to the destination was allowed, so the next line about it is written again. */
void line_forget(const struct btns_addr *where);

#endif
