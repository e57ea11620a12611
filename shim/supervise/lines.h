/* Lines for the person who started the program, on the program's own standard error. */
#ifndef BTNS_SHIM_SUPERVISE_LINES_H
#define BTNS_SHIM_SUPERVISE_LINES_H

#include "libapi/wire/addr.h"
#include "shim/supervise/caller.h"

/* What descriptor 2 is now: only the same file, or a terminal, is written to. */
void lines_begin(void);
/* "btns: PROGRAM: HOST:PORT: WHAT TEXT", as the shim writes it; where may be NULL. */
void line_write(const struct caller *c, const struct btns_addr *where, const char *what,
                const char *text);
/* As line_write(), unless it is what was last said about this destination, or too many lines are
 * due. */
void line_once(const struct caller *c, const struct btns_addr *where, const char *what,
               const char *text);
/* "btns: TEXT": not about this program alone. */
void line_to_person(const struct caller *c, const char *text);
/* A connection to it was allowed: the next line about it is due again. */
void line_forget(const struct btns_addr *where);

#endif
