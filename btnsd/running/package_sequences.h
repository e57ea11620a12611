/* The numbers of the packages that were once in force: they never go back (rollback). */
#ifndef BTNS_SEQUENCES_H
#define BTNS_SEQUENCES_H

#include "btnsd/rules/model/rules.h"

/*
 * Compares r's packages with the file at path, and notes them there, on disk, before they come into
 * force. 0; -EKEYREJECTED with err for one that is older than, or differs from, what was in force
 * under its number; -errno with err when that cannot be known or noted.
 */
int sequences_accept(const char *path, const struct rules *r, struct err *err);

#endif
