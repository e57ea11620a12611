/* How many of something each user has. */
#include "btnsd/base/count_by_user.h"

#include <stdlib.h>

#define BUCKETS 256

struct user {
    struct user *next;
    uid_t uid;
    unsigned count; /* never 0 */
};

struct tally {
    struct user *bucket[BUCKETS];
};

struct tally *tally_new(void)
{
    return calloc(1, sizeof(struct tally));
}

void tally_free(struct tally *t)
{
    for (size_t i = 0; t && i < BUCKETS; i++)
        while (t->bucket[i]) {
            struct user *next = t->bucket[i]->next;
            free(t->bucket[i]);
            t->bucket[i] = next;
        }
    free(t);
}

/* Where uid's entry is, or would be. */
static struct user **place(struct tally *t, uid_t uid)
{
    struct user **p = &t->bucket[uid % BUCKETS];
    while (*p && (*p)->uid != uid)
        p = &(*p)->next;
    return p;
}

unsigned tally_count(const struct tally *t, uid_t uid)
{
    const struct user *u = t->bucket[uid % BUCKETS];
    while (u && u->uid != uid)
        u = u->next;
    return u ? u->count : 0;
}

bool tally_add(struct tally *t, uid_t uid, unsigned limit)
{
    struct user **p = place(t, uid), *u = *p;
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

void tally_sub(struct tally *t, uid_t uid)
{
    struct user **p = place(t, uid), *u = *p;
    if (!u || --u->count)
        return;
    *p = u->next;
    free(u);
}
