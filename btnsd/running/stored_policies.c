/* Reads a user's stored policies when one of the user's programs first asks. */
#include "btnsd/running/stored_policies.h"

#include "btnsd/base/log.h"
#include "btnsd/running/review_user.h"
#include "btnsd/server/server.h"

#include <stdio.h>

static void on_stored_read(void *arg, struct user *u)
{
    struct btnsd *d = arg;
    if (d->rules && !user_bind(u, d->rules))
        snprintf(u->broken, sizeof u->broken, "btnsd is out of memory");
    if (d->latches)
        review_user(d, u->uid); /* reviews latches that an earlier btnsd left */
    if (d->server)
        server_release(d->server, u->uid);
}

static bool is_user_awaited(void *arg, uid_t uid)
{
    struct btnsd *d = arg;
    struct user *u = users_find(&d->users, uid);
    if (u && u->unread)
        user_need(&d->users, u);
    return u && u->reading;
}

void stored_policies_find(struct btnsd *d)
{
    d->users.readings = &d->readings;
    d->users.read = on_stored_read;
    d->users.arg = d;
    if (!users_list(&d->users))
        log_warning("%s", d->users.unlisted);
}

void stored_policies_serve(struct btnsd *d)
{
    server_hold(d->server, is_user_awaited);
}
