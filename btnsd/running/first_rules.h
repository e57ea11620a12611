/*
 * Loads the rules at start. First come the SPD entries of mandatory rules, from whatever can be
 * read; then the policy of the files, or the one that was last in force, or the mandatory rules
 * alone.
 */
#ifndef BTNS_RUNNING_FIRST_RULES_H
#define BTNS_RUNNING_FIRST_RULES_H

#include "btnsd/state/daemon.h"

/* Which of these three policies. */
enum first_rules { FIRST_FILES, FIRST_GOOD, FIRST_MANDATORY };

/*
 * Writes the SPD entries of the mandatory rules, and deletes those that an earlier btnsd left of
 * other rules. No name is looked up, as that may take long. 0, or -errno with err.
 */
int first_rules_entries(struct btnsd *d, enum first_rules *which, struct err *err);
/*
 * Puts the policy `which` into force, or the next one in the list that can be used. 0, or -errno
 * with err.
 */
int first_rules(struct btnsd *d, enum first_rules which, struct err *err);

#endif
