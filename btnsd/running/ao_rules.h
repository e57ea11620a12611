/*
 * Finds rules that sign by TCP-AO although the kernel has no TCP-AO: their connections are refused.
 */
#ifndef BTNS_RUNNING_AO_RULES_H
#define BTNS_RUNNING_AO_RULES_H

#include "btnsd/rules/model/rules.h"

#include <stddef.h>

/* Describes the first such rule. False: there is none, or the kernel has TCP-AO. */
bool ao_rules_refused(const struct rules *r, char *buf, size_t size);

#endif
