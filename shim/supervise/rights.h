/*
 * In a program's place the supervisor acts with no more capabilities than the program has: it lends
 * no port below 1024, no mark and no header extension.
 */
#ifndef BTNS_SHIM_SUPERVISE_RIGHTS_H
#define BTNS_SHIM_SUPERVISE_RIGHTS_H

#include "shim/supervise/caller.h"

/*
 * Reduces this thread's capabilities to those that the caller has, too; to none if the caller is of
 * another user namespace. Returns false if that cannot be done: then the call must not be made.
 */
bool rights_lower(const struct caller *c);
/* Gives this thread all its capabilities back. */
void rights_restore(void);

#endif
