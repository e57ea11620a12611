/*
 * What the supervisor does in a program's place it does with no more capabilities than the program
 * has: a port below 1024, a mark or a header extension is not lent.
 */
#ifndef BTNS_SHIM_SUPERVISE_RIGHTS_H
#define BTNS_SHIM_SUPERVISE_RIGHTS_H

#include "shim/supervise/caller.h"

/*
 * This thread keeps only the capabilities that the caller has, too; none if the caller is of
 * another user namespace. Returns false if that cannot be done: then the call must not be made.
 */
bool rights_lower(const struct caller *c);
/* The thread has all again that it may have. */
void rights_restore(void);

#endif
