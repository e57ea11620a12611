/* The policies that programs set on single sockets (libbtns), by socket cookie. */
#include "btnsd/users/socket_wishes.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/base/loop.h"

#include <stdlib.h>

#define BUCKETS 4096 /* a power of two */

struct socket_wishes {
    struct socket_wish *bucket[BUCKETS];
    struct count_by_user *users;
};

struct socket_wishes *socket_wishes_new(void)
{
    struct socket_wishes *t = calloc(1, sizeof *t);
    if (t)
        t->users = count_by_user_new(LIMIT_WISHES);
    if (!t || t->users)
        return t;
    free(t);
    return NULL;
}

static size_t wish_bucket(uint64_t cookie)
{
    return (size_t)(cookie * 0x9e3779b97f4a7c15u >> 32) & (BUCKETS - 1);
}

struct socket_wish *socket_wish_find(const struct socket_wishes *t, uint64_t cookie)
{
    struct socket_wish *w = t ? t->bucket[wish_bucket(cookie)] : NULL;
    while (w && w->cookie != cookie)
        w = w->next;
    return w;
}

struct socket_wish *socket_wish_get(struct socket_wishes *t, uint64_t cookie, uid_t uid,
                                    struct err *err)
{
    struct socket_wish *w = socket_wish_find(t, cookie);
    if (w || !count_by_user_add(t->users, uid, err))
        return w;
    w = calloc(1, sizeof *w);
    if (!w) {
        count_by_user_sub(t->users, uid);
        err_set(err, "btnsd is out of memory");
        return NULL;
    }
    w->cookie = cookie;
    w->uid = uid;
    w->since = loop_now();
    w->next = t->bucket[wish_bucket(cookie)];
    t->bucket[wish_bucket(cookie)] = w;
    return w;
}

void socket_wish_drop(struct socket_wishes *t, uint64_t cookie)
{
    struct socket_wish *w = socket_wish_find(t, cookie);
    if (!w)
        return;
    struct socket_wish **p = &t->bucket[wish_bucket(cookie)];
    while (*p != w)
        p = &(*p)->next;
    *p = w->next;
    count_by_user_sub(t->users, w->uid);
    free(w);
}

void socket_wishes_each(struct socket_wishes *t, void (*cb)(void *arg, struct socket_wish *w),
                        void *arg)
{
    for (size_t i = 0; t && i < BUCKETS; i++)
        for (struct socket_wish *w = t->bucket[i], *next; w; w = next) {
            next = w->next;
            cb(arg, w);
        }
}

void socket_wishes_free(struct socket_wishes *t)
{
    for (size_t i = 0; t && i < BUCKETS; i++)
        while (t->bucket[i])
            socket_wish_drop(t, t->bucket[i]->cookie);
    if (t)
        count_by_user_free(t->users);
    free(t);
}
