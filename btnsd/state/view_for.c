/* Gives the rules that apply to a process of a user. */
#include "btnsd/state/view_for.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/users/socket_wishes.h"

static const struct btns_key *viewed_key_named(const void *peers, const char *name)
{
    const struct peer *p = peers_by_name(peers, name);
    return p ? &p->key : NULL;
}

const struct socket_wish *view_for_socket(const struct btnsd *d, uint64_t cookie, struct view *v)
{
    const struct socket_wish *w = socket_wish_find(d->wishes, cookie);
    v->wish = w ? &w->wish : NULL;
    v->named = viewed_key_named;
    v->names = d->peers;
    return w;
}

const char *view_for(struct btnsd *d, uid_t uid, uint64_t handle, struct view *v)
{
    struct user *u = users_find(&d->users, uid);
    *v = (struct view){.host = d->rules, .others_blocked = handle != 0};
    if (*d->no_rules)
        return d->no_rules;
    if (!u && *d->users.unlisted && !users_list(&d->users))
        return d->users.unlisted;
    if (!u)
        u = users_find(&d->users, uid);
    if (u && u->unread)
        user_need(&d->users, u);
    if (u && u->unread)
        return "your stored policies are being read: try again in a moment";
    if (u && *u->broken)
        return "your stored policies cannot be used: see btnsctl policy list";
    if (handle) {
        v->own = run_policy_find(&d->run_policies, uid, handle);
        return v->own
                   ? NULL
                   : "btnsd no longer has the policy that btns-run --policy gave it: run it again";
    }
    if (u)
        user_view(u, v);
    return NULL;
}
