/* Rules that sign by TCP-AO on a kernel that has none: their connections are refused. */
#ifndef BTNS_RUNNING_AO_RULES_H
#define BTNS_RUNNING_AO_RULES_H

#include "btnsd/rules/model/rules.h"

#include <stddef.h>

/* In words, about the first of them; false: there is none, or the kernel has TCP-AO. */
bool ao_rules_refused(const struct rules *r, char *buf, size_t size);

#endif
