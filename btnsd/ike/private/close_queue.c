/*
 * The jobs that delete SAs, and wait. Each takes one of charon's threads until the peer has
 * answered, or for 5 s, and a charon without a thread left would be ended as one that hangs
 * (supervise.c). So of each user's a few are under way, with each peer one, and the others wait in
 * the order in which they came.
 */
#include "btnsd/ike/private/state.h"

#include <string.h>

void close_turn_soon(struct ike *k)
{
    if (k->closes && !k->close_turn.slot)
        loop_after(k->loop, &k->close_turn, 0, k->on_close_turn, k);
}

struct ike_task *close_wait(struct ike *k, struct ike_task *t, void (*on_turn)(struct timer *timer))
{
    struct ike_task **last = &k->closes;
    while (*last)
        last = &(*last)->next;
    *last = t;
    t->waits = true;
    k->on_close_turn = on_turn;
    return t;
}

bool ike_close_keep(struct ike_task *t)
{
    t->needless |= t->waits;
    close_turn_soon(t->ike);
    return t->waits;
}

bool ike_close_unanswered(const struct ike_task *t, unsigned ms)
{
    return t->closing && loop_now() - t->asked >= ms;
}

void close_ended(struct ike_task *t)
{
    if (!t->closing)
        return;
    t->closing = t->conn->closes = false;
    count_by_user_sub(t->ike->closing, t->user);
    close_turn_soon(t->ike);
}

void closes_needless(struct ike *k, const struct ike_conn *c, const char *child)
{
    for (struct ike_task *t = k->closes; t; t = t->next)
        t->needless |= t->conn == c && (!child || !strcmp(t->child, child));
    close_turn_soon(k);
}
