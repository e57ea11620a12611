/* Refuses policy packages that are older than one that was once in force (rollback). */
#ifndef BTNS_RUNNING_PACKAGE_SEQUENCES_H
#define BTNS_RUNNING_PACKAGE_SEQUENCES_H

#include "btnsd/rules/model/rules.h"

/*
 * Compares the packages of r with the file at path, and records them there before they come into
 * force. 0; -EKEYREJECTED with err if a package is older than one that was in force, or differs
 * from one with the same number; -errno with err if the file cannot be read or written.
 */
int sequences_accept(const char *path, const struct rules *r, struct err *err);

#endif
