/* Counts things for each user, such as connections or waiting requests. */
#include "btnsd/base/count_by_user.h"

#include <stdlib.h>

#define BUCKETS 256

struct count {
    struct count *next;
    uid_t uid;
    unsigned count; /* never 0 */
};

struct count_by_user {
    struct count *bucket[BUCKETS];
};

struct count_by_user *count_by_user_new(void)
{
    return calloc(1, sizeof(struct count_by_user));
}

void count_by_user_free(struct count_by_user *t)
{
    for (size_t i = 0; t && i < BUCKETS; i++)
        while (t->bucket[i]) {
            struct count *next = t->bucket[i]->next;
            free(t->bucket[i]);
            t->bucket[i] = next;
        }
    free(t);
}

/* The link to uid's entry, or the link where a new entry belongs. */
static struct count **find_count(struct count_by_user *t, uid_t uid)
{
    struct count **p = &t->bucket[uid % BUCKETS];
    while (*p && (*p)->uid != uid)
        p = &(*p)->next;
    return p;
}

unsigned count_by_user_of(const struct count_by_user *t, uid_t uid)
{
    const struct count *u = t->bucket[uid % BUCKETS];
    while (u && u->uid != uid)
        u = u->next;
    return u ? u->count : 0;
}

bool count_by_user_add(struct count_by_user *t, uid_t uid, unsigned limit)
{
    struct count **p = find_count(t, uid), *u = *p;
    if (u && u->count >= limit && uid)
        return false;
    if (!u) {
        u = *p = calloc(1, sizeof *u);
        if (!u)
            return false;
        u->uid = uid;
    }
    u->count++;
    return true;
}

void count_by_user_sub(struct count_by_user *t, uid_t uid)
{
    struct count **p = find_count(t, uid), *u = *p;
    if (!u || --u->count)
        return;
    *p = u->next;
    free(u);
}
