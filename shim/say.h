/* Lines for the person who started the program, on its standard error. */
#ifndef BTNS_SHIM_SAY_H
#define BTNS_SHIM_SAY_H

#include "libapi/wire/addr.h"

#include <stdbool.h>

/* Writes "btns: PROGRAM: HOST:PORT: WHAT TEXT"; what may be "". True: it was written. */
bool say(const struct btns_addr *where, const char *what, const char *text);
/* Writes "btns: TEXT": not about this program alone. */
void say_to_person(const char *text);
/*
 * Like say(), but skips a line that repeats the last one about this destination, and limits lines a
 * second. A line that was left out is due again, and the number of lines left out is written.
 */
void say_once(const struct btns_addr *where, const char *what, const char *text);
/*
 * Call when a connection to the destination was allowed: the next line about it is written in any
 * case.
 */
void say_forget(const struct btns_addr *where);
/* Call in a forked child: the parent writes how many lines it left out. */
void say_forked(void);

#endif
