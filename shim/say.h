/* Lines for the person who started the program, on its standard error. */
#ifndef SHIM_SAY_H
#define SHIM_SAY_H

#include "libapi/wire/addr.h"

/* "btns: PROGRAM: HOST:PORT: WHAT TEXT"; what may be "". */
void say(const struct btns_addr *where, const char *what, const char *text);
/* The same, but not again for this destination until what there is to say has changed; and few at a
 * time. */
void say_once(const struct btns_addr *where, const char *what, const char *text);
/* All is well there now: what was said may be said again. */
void say_forget(const struct btns_addr *where);

#endif
