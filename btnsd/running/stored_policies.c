#include "btnsd/running/stored_policies.h"

#include "btnsd/running/review_user.h"
#include "btnsd/server/server.h"

#include <stdio.h>

static void on_read(void *arg, struct user *u)
{
    struct btnsd *d = arg;
    if (d->rules && !user_bind(u, d->rules))
        snprintf(u->broken, sizeof u->broken, "btnsd is out of memory");
    if (d->latches)
        review_user(d, u->uid); /* what an earlier btnsd left */
    if (d->server)
        server_release(d->server, u->uid);
}

static bool is_awaited(void *arg, uid_t uid)
{
    struct btnsd *d = arg;
    struct user *u = users_find(&d->users, uid);
    if (u && u->unread)
        user_need(&d->users, u);
    return u && u->reading;
}

int stored_policies_find(struct btnsd *d, struct err *err)
{
    d->users.readings = &d->readings;
    d->users.read = on_read;
    d->users.arg = d;
    return users_load(&d->users, err);
}

void stored_policies_serve(struct btnsd *d)
{
    server_hold(d->server, is_awaited);
}
