/*
 * A btns-run within the supervised one can have given a program another policy (--policy). The shim
 * has it from its environment, and so has the supervisor that asks in the program's name.
 */
#ifndef BTNS_SHIM_SUPERVISE_OWN_POLICY_H
#define BTNS_SHIM_SUPERVISE_OWN_POLICY_H

#include "shim/supervise/caller.h"
#include "shim/supervise/supervision.h"

#include <stdio.h>

/* The policy's handle: of the environment that the program was started with, or else of v. */
uint64_t own_policy(const struct supervision *v, const struct caller *c);
/* The same, from a text of variables that end with NUL each. */
uint64_t policy_in_environment(const struct supervision *v, FILE *variables);

#endif
