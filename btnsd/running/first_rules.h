/*
 * The rules of a start. Mandatory rules' entries come first, from whatever can be read; then the
 * policy of the files, or the one that was last in force, or the mandatory rules alone.
 */
#ifndef BTNS_RUNNING_FIRST_RULES_H
#define BTNS_RUNNING_FIRST_RULES_H

#include "btnsd/state/daemon.h"

/* Which of the three it is. */
enum first_rules { FIRST_FILES, FIRST_GOOD, FIRST_MANDATORY };

/*
 * Puts the mandatory rules' entries into the SPD, and takes away those that an earlier btnsd left
 * of other rules. No name is looked up, as that may take long. 0, or -errno with err.
 */
int first_entries(struct btnsd *d, enum first_rules *which, struct err *err);
/* Puts rules into force: which, or the next of them that can be. 0, or -errno with err. */
int first_rules(struct btnsd *d, enum first_rules which, struct err *err);

#endif
