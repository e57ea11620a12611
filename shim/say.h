/* Lines for the person who started the program, on its standard error. */
#ifndef SHIM_SAY_H
#define SHIM_SAY_H

#include "libapi/wire/addr.h"

/* Writes "btns: PROGRAM: HOST:PORT: WHAT TEXT"; what may be "". */
void say(const struct btns_addr *where, const char *what, const char *text);
/*
 * Like say(), but skips a line that repeats the last one about this destination, and limits lines a
 * second.
 */
void say_once(const struct btns_addr *where, const char *what, const char *text);
/*
 * Call when a connection to the destination was allowed: the next line about it is written in any
 * case.
 */
void say_forget(const struct btns_addr *where);

#endif
