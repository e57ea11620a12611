/*
 * Counts how many of one kind of thing (clients, guards, ...) each user has, and says whether the
 * user may have one more.
 */
#include "btnsd/base/count_by_user.h"
#include "btnsd/base/account.h"

#include <stdlib.h>

#define BUCKETS 256

struct count {
    struct count *next;
    uid_t uid;
    unsigned n; /* never 0 */
    /* the owner's count, whose limit applies; its n includes every subordinate uid's */
    struct count *account;
};

struct count_by_user {
    const struct limit *limit;
    unsigned others; /* total of all users but root */
    struct count *user[BUCKETS], *account[BUCKETS];
};

struct count_by_user *count_by_user_new(enum limited what)
{
    struct count_by_user *t = calloc(1, sizeof *t);
    if (t)
        t->limit = &limits[what];
    return t;
}

static void free_user_counts(struct count **bucket)
{
    for (size_t i = 0; i < BUCKETS; i++)
        while (bucket[i]) {
            struct count *next = bucket[i]->next;
            free(bucket[i]);
            bucket[i] = next;
        }
}

void count_by_user_free(struct count_by_user *t)
{
    if (!t)
        return;
    free_user_counts(t->user);
    free_user_counts(t->account);
    free(t);
}

/* The link to uid's count, or the link where a new one belongs. */
static struct count **find_user_count(struct count *const *bucket, uid_t uid)
{
    struct count **p = (struct count **)&bucket[uid % BUCKETS];
    while (*p && (*p)->uid != uid)
        p = &(*p)->next;
    return p;
}

unsigned count_by_user_of(const struct count_by_user *t, uid_t uid)
{
    const struct count *u = *find_user_count(t->user, uid);
    return u ? u->n : 0;
}

static bool refuse_count_of_user(const struct limit *l, unsigned most, struct err *err)
{
    if (err)
        err_set(err, "you have %u %s, as many as %s may (limit %s): %s", most, l->things,
                most == l->each ? "a user" : "root", l->name, l->advice);
    return false;
}

static bool refuse_count_of_all_users(const struct limit *l, unsigned most, bool has_some,
                                      struct err *err)
{
    if (err)
        err_set(err, "all users together have %u %s (limit %s); the rest is for root%s: %s", most,
                l->things, l->name, has_some ? " and for users who have none" : "",
                has_some ? l->advice : "tell root, or try again later");
    return false;
}

static bool has_room_for_user(const struct count_by_user *t, unsigned own, struct err *err)
{
    const struct limit *l = t->limit;
    unsigned most = own ? l->all - l->fresh : l->all;
    if (own >= l->each)
        return refuse_count_of_user(l, l->each, err);
    return t->others < most || refuse_count_of_all_users(l, most, own, err);
}

bool count_by_user_room(const struct count_by_user *t, uid_t uid, struct err *err)
{
    if (!t || (!uid && !t->limit->root))
        return true;
    const struct count *u = *find_user_count(t->user, uid);
    if (!uid)
        return !u || u->n < t->limit->root || refuse_count_of_user(t->limit, t->limit->root, err);
    const struct count *account = u ? u->account : *find_user_count(t->account, account_of(uid));
    return has_room_for_user(t, account ? account->n : 0, err);
}

static struct count *hold_user_count(struct count **bucket, uid_t uid)
{
    struct count **p = find_user_count(bucket, uid);
    if (!*p && (*p = calloc(1, sizeof **p)))
        (*p)->uid = uid;
    if (*p)
        (*p)->n++;
    return *p;
}

static void release_user_count(struct count **bucket, uid_t uid)
{
    struct count **p = find_user_count(bucket, uid), *u = *p;
    if (!u || --u->n)
        return;
    *p = u->next;
    free(u);
}

bool count_by_user_add(struct count_by_user *t, uid_t uid, struct err *err)
{
    if (!t)
        return true;
    if (!count_by_user_room(t, uid, err))
        return false;
    struct count *u = hold_user_count(t->user, uid);
    struct count *account = !u ? NULL : u->account ? u->account : NULL;
    if (account)
        account->n++;
    else if (u)
        account = u->account = hold_user_count(t->account, uid ? account_of(uid) : 0);
    if (!account) {
        if (u)
            release_user_count(t->user, uid);
        if (err)
            err_set(err, "btnsd is out of memory");
        return false;
    }
    t->others += uid != 0;
    return true;
}

void count_by_user_sub(struct count_by_user *t, uid_t uid)
{
    const struct count *u = t ? *find_user_count(t->user, uid) : NULL;
    if (!u)
        return;
    release_user_count(t->account, u->account->uid);
    release_user_count(t->user, uid);
    t->others -= uid != 0;
}
