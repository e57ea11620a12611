/* Puts a new generation of rules into force, completely or not at all. */
#ifndef BTNS_RUNNING_INSTALL_RULES_H
#define BTNS_RUNNING_INSTALL_RULES_H

#include "btnsd/state/daemon.h"

/*
 * Puts rules into force, with the texts that they were compiled from, and takes over both (texts
 * may be d->texts). 0; or -errno with err, and then nothing has changed or was taken over.
 */
int rules_install(struct btnsd *d, struct rules *rules, struct policy_set *texts, struct err *err);
/* Replaces the SPD entries of mandatory rules by those of these rules. 0, or -errno with err. */
int install_rules_entries(struct btnsd *d, const struct rules *rules, struct err *err);

#endif
