/* Keeps, by handle, the rules that users submit for one run of a program (btns-run --policy). */
#include "btnsd/users/run_policies.h"
#include "btnsd/base/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

const struct rules *run_policy_find(struct run_policies *p, uid_t uid, uint64_t handle)
{
    for (struct run_policy *i = p->item; i < p->item + RUN_POLICIES; i++)
        if (i->handle == handle && i->uid == uid) {
            i->used = loop_now();
            return i->rules;
        }
    return NULL;
}

static unsigned count_run_policies(const struct run_policies *p, uid_t uid)
{
    unsigned n = 0;
    for (const struct run_policy *i = p->item; i < p->item + RUN_POLICIES; i++)
        n += i->handle && i->uid == uid;
    return n;
}

static bool is_older_run(const struct run_policy *i, const struct run_policy *than)
{
    return !than || i->used < than->used;
}

/*
 * A free place; else the user's own oldest policy, when this user has many; else the oldest policy
 * of the user who has most, so that no user can displace the policies of all others.
 */
static struct run_policy *place_for_run_policy(struct run_policies *p, uid_t uid)
{
    struct run_policy *own = NULL, *unused = NULL, *most = NULL;
    unsigned highest = 0;
    for (struct run_policy *i = p->item; i < p->item + RUN_POLICIES; i++) {
        unsigned n = i->handle ? count_run_policies(p, i->uid) : 0;
        if (!i->handle)
            unused = i;
        else if (i->uid == uid && is_older_run(i, own))
            own = i;
        if (n > highest || (n && n == highest && is_older_run(i, most))) {
            highest = n;
            most = i;
        }
    }
    if (count_run_policies(p, uid) >= RUN_POLICIES_EACH)
        return own;
    return unused ? unused : own ? own : most;
}

int run_policy_keep(struct run_policies *p, uid_t uid, struct rules *rules, uint64_t *handle,
                    bool *displaced, struct err *err)
{
    struct run_policy *place = place_for_run_policy(p, uid);
    /* A handle cannot be guessed, though only the same user could use it. */
    if (getrandom(handle, sizeof *handle, 0) != sizeof *handle || !*handle) {
        rules_free(rules);
        err_set(err, "no random number");
        return -EAGAIN;
    }
    *displaced = place->handle != 0;
    if (*displaced)
        /* programs that use its handle fail closed, and are told to be started again */
        rules_free(place->rules);
    *place = (struct run_policy){*handle, uid, loop_now(), rules};
    return 0;
}

void run_policies_free(struct run_policies *p)
{
    for (struct run_policy *i = p->item; i < p->item + RUN_POLICIES; i++)
        rules_free(i->rules);
    memset(p, 0, sizeof *p);
}
