/*
 * Finds the policy of a program that was started by a second btns-run under this supervisor
 * (btns-run --policy). The shim reads the policy from its environment; so does the supervisor, when
 * it asks btnsd for the program.
 */
#ifndef BTNS_SHIM_SUPERVISE_OWN_POLICY_H
#define BTNS_SHIM_SUPERVISE_OWN_POLICY_H

#include "shim/supervise/caller.h"
#include "shim/supervise/supervision.h"

#include <stdio.h>

/* The policy's handle, from the environment that the program was started with, else v's. */
uint64_t own_policy(const struct supervision *v, const struct caller *c);
/* The same, from a stream of NUL-terminated variables. */
uint64_t own_policy_in_environment(const struct supervision *v, FILE *variables);

#endif
