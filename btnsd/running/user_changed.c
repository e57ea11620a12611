/* Reviews and logs a change of a user's stored policies or blocks. */
#include "btnsd/running/user_changed.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/running/review_user.h"
#include "btnsd/server/epoch.h"

#include <string.h>

void user_changed_rules(struct btnsd *d, uid_t by, const struct user *u, const char *what,
                        const char *name)
{
    const uint8_t *hash = NULL;
    for (unsigned i = 0; i < u->texts; i++)
        if (!strcmp(u->text[i].file, name))
            hash = u->hash[i];
    epoch_move(d->epoch);
    log_rated(log_note, "changes of users", "user %u %s: %s", u->uid, what, name);
    audit_user(&d->audit, by, u->uid, what, name, hash);
    review_user(d, u->uid);
}
