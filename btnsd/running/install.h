/* Puts a new generation of rules into force: whole, or not at all. */
#ifndef BTNS_RUNNING_INSTALL_H
#define BTNS_RUNNING_INSTALL_H

#include "btnsd/state/daemon.h"

/*
 * Puts rules and the texts that they come from into force, and takes over both (texts may be
 * d->texts). 0; or -errno with err, everything as before and nothing taken over.
 */
int rules_install(struct btnsd *d, struct rules *rules, struct policy_set *texts, struct err *err);
/* Puts their mandatory rules' entries in the place of those that stand. 0, or -errno with err. */
int rules_entries(struct btnsd *d, const struct rules *rules, struct err *err);

#endif
