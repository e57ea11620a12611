/* Writes lines for the person who started the program to its standard error. */
#ifndef BTNS_SHIM_SAY_H
#define BTNS_SHIM_SAY_H

#include "libapi/wire/addr.h"

#include <stdbool.h>

/*
 * Writes "btns: PROGRAM: HOST:PORT: WHAT TEXT"; WHAT may be empty. Returns true if it was written.
 */
bool say(const struct btns_addr *where, const char *what, const char *text);
/* Writes "btns: TEXT", for a message that is not about this program alone. */
void say_to_person(const char *text);
/*
 * Like say(), but skips a line that repeats the last one about this destination, and limits the
 * lines in a second. A line suppressed by the limit is written the next time it occurs, and the
 * number of suppressed lines is reported.
 */
void say_once(const struct btns_addr *where, const char *what, const char *text);
/*
 * Call when a connection to the destination was allowed, so that the next line about it is written
 * even if it repeats the last one.
 */
void say_forget(const struct btns_addr *where);
/* Call in a forked child, which must not report the lines that its parent suppressed. */
void say_forked(void);

#endif
