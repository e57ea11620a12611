/* Reviews a user's latches after a change of that user's rules, a few in each turn of the loop. */
#include "btnsd/running/review_user.h"
#include "btnsd/base/log.h"
#include "btnsd/running/review_latches.h"

#include <stdlib.h>

#define A_TURN 64

static void count_users_latch(void *arg, struct latch *l)
{
    struct user_review *s = arg;
    s->n += l->uid == s->uid;
}

static void take_latch_cookie(void *arg, struct latch *l)
{
    struct user_review *s = arg;
    if (l->uid == s->uid)
        s->cookie[s->at++] = l->cookie;
}

/* Keeps cookies, not pointers, as latches may be freed between two turns. */
static void collect_users_latches(struct btnsd *d)
{
    struct user_review *s = &d->user_review;
    s->n = s->at = 0;
    registry_each(d->latches, count_users_latch, s);
    s->cookie = calloc(s->n + 1, sizeof *s->cookie);
    if (s->cookie) {
        registry_each(d->latches, take_latch_cookie, s);
    } else {
        log_warning("out of memory: user %u's latches are looked at with the next reload", s->uid);
        s->n = 0;
    }
    s->at = 0;
    d->evaluation++;
}

static struct user *next_reviewed_user(struct btnsd *d)
{
    struct user *u = d->users.list;
    while (u && !u->stale)
        u = u->next;
    return u;
}

static void take_review_turn(struct timer *t)
{
    struct user_review *s = t->arg;
    struct btnsd *d = s->d;
    struct user *u = s->cookie ? NULL : next_reviewed_user(d);
    s->busy = true;
    if (u) {
        u->stale = false;
        s->uid = u->uid;
        collect_users_latches(d);
    }
    for (int i = 0; i < A_TURN && s->cookie && s->at < s->n; i++) {
        struct latch *l = registry_find(d->latches, s->cookie[s->at++], s->uid);
        if (l)
            latch_review(d, l);
    }
    if (s->at == s->n) {
        free(s->cookie);
        s->cookie = NULL;
    }
    s->busy = false;
    if (s->cookie || next_reviewed_user(d))
        loop_after(d->loop, &s->turn, 0, take_review_turn, s);
}

void review_user(struct btnsd *d, uid_t uid)
{
    struct user_review *s = &d->user_review;
    struct user *u = users_find(&d->users, uid);
    if (!u || !d->latches || !d->xfrm)
        return;
    u->stale = true;
    if (s->busy || s->turn.slot)
        return; /* a later turn reviews this user */
    s->d = d;
    s->turn.arg = s;
    take_review_turn(&s->turn);
}

void review_user_end(struct btnsd *d)
{
    loop_cancel(d->loop, &d->user_review.turn);
    free(d->user_review.cookie);
    d->user_review.cookie = NULL;
}
