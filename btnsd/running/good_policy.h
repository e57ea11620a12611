/* The policy that was last in force, kept on disk: for a start that finds a policy it must refuse.
 */
#ifndef BTNS_RUNNING_GOOD_POLICY_H
#define BTNS_RUNNING_GOOD_POLICY_H

#include "btnsd/state/daemon.h"

/* Keeps d's texts and names. A failure is logged once, and stands in d->not_kept. */
void good_policy_write(struct btnsd *d);
/*
 * Reads it: 0, -ENOENT (none was kept), or -errno with err. set and names are to be freed in any
 * case.
 */
int good_policy_read(const struct btnsd *d, struct policy_set *set, struct lookups *names,
                     struct err *err);

#endif
