/* Keeps, by handle, the rules that users submit for one run of a program (btns-run --policy). */
#ifndef BTNS_USERS_RUN_POLICIES_H
#define BTNS_USERS_RUN_POLICIES_H

#include "btnsd/rules/model/rules.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#define RUN_POLICIES      256
#define RUN_POLICIES_EACH 32 /* of one user */

struct run_policies {
    struct run_policy {
        uint64_t handle; /* 0: free */
        uid_t uid;
        uint64_t used; /* ms, loop_now */
        struct rules *rules;
    } item[RUN_POLICIES];
};

/* The rules with that handle, if they belong to this user; else NULL. Marks them as used now. */
const struct rules *run_policy_find(struct run_policies *p, uid_t uid, uint64_t handle);
/*
 * Takes over `rules` and gives them a handle. displaced: another policy was dropped to make room,
 * and its handle is unknown from now on. 0, or -errno with err; the rules are freed then.
 */
int run_policy_keep(struct run_policies *p, uid_t uid, struct rules *rules, uint64_t *handle,
                    bool *displaced, struct err *err);
void run_policies_free(struct run_policies *p);

#endif
