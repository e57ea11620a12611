/*
 * Keeps the policy that was last in force on disk, for a start that finds a policy which it must
 * refuse.
 */
#ifndef BTNS_RUNNING_GOOD_POLICY_H
#define BTNS_RUNNING_GOOD_POLICY_H

#include "btnsd/state/daemon.h"

/* Writes d's texts and names. A failure is logged once and kept in d->not_kept. */
void good_policy_write(struct btnsd *d);
/*
 * Reads the policy: 0, -ENOENT (none was kept), or -errno with err. The caller frees set and names
 * in any case.
 */
int good_policy_read(const struct btnsd *d, struct policy_set *set, struct lookups *names,
                     struct err *err);

#endif
