/*
 * Keeps the policy that was last in force on disk, for a start that finds a policy which it must
 * refuse.
 */
#include "btnsd/running/good_policy.h"

#include "btnsd/base/file.h"
#include "btnsd/base/log.h"
#include "btnsd/rules/files/private_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "policy.good"
/*
 * If the state directory cannot be written, the policy is kept in the run directory; then that copy
 * is the newer one.
 */

static int print_good_policy(FILE *f, void *arg)
{
    const struct btnsd *d = arg;
    return policy_set_print(f, &d->texts, d->rules->names);
}

static int write_good_policy(struct btnsd *d, const char *dir)
{
    char path[FILE_PATH];
    int rc = file_path(path, dir, NAME);
    return rc ? rc : file_print(path, 0600, print_good_policy, d);
}

void good_policy_write(struct btnsd *d)
{
    char before[BTNS_TEXT_MAX], run[FILE_PATH];
    if (!d->state_dir)
        return;
    int rc = write_good_policy(d, d->state_dir), second;
    memcpy(before, d->not_kept, sizeof before);
    d->not_kept[0] = '\0';
    if (!rc) {
        if (!file_path(run, d->run_dir, NAME))
            unlink(run);
        return;
    }
    second = write_good_policy(d, d->run_dir);
    snprintf(d->not_kept, sizeof d->not_kept,
             "the policy in force cannot be kept for the next start in %s: %s; %s %s%s%s",
             d->state_dir, strerror(-rc), second ? "nor in" : "it is kept in", d->run_dir,
             second ? ": " : "", second ? strerror(-second) : "");
    if (strcmp(before, d->not_kept))
        log_warning("%s", d->not_kept);
}

static int read_good_policy_from(const char *dir, struct policy_set *set, struct lookups *names,
                                 struct err *err)
{
    char *data;
    size_t len;
    struct err reason = {""};
    int rc = private_file_read(dir, NAME, POLICY_SET_MAX, &data, &len, err);
    if (rc)
        return rc;
    rc = policy_set_parse(data, len, set, names, &reason);
    if (rc)
        err_set(err, "%s/" NAME ": %s", dir, reason.text);
    free(data);
    return rc;
}

int good_policy_read(const struct btnsd *d, struct policy_set *set, struct lookups *names,
                     struct err *err)
{
    struct err second = {""};
    *set = (struct policy_set){0};
    *names = (struct lookups){0};
    int rc = read_good_policy_from(d->run_dir, set, names, err);
    if (!rc)
        return 0;
    policy_set_free(set);
    lookups_free(names);
    int other = read_good_policy_from(d->state_dir, set, names, rc == -ENOENT ? err : &second);
    return !other || rc == -ENOENT ? other : rc;
}
