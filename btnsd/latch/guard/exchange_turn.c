/*
 * Limits how many exchanges of one user charon works on at once; the other guards wait for their
 * turn.
 */
#include "btnsd/latch/guard/exchange_turn.h"

#include "btnsd/base/count_by_user.h"

/*
 * Datagrams that are held for services in the queue fill the socket's send buffer, which by default
 * has room for some 277 of them: one socket with many destinations could then send to nobody.
 */
#define PREFERRED_WAITING 64

static bool has_room(const struct guard *g, struct err *err)
{
    const bool stranger = g->state == GS_INTRODUCING || !g->has_key;
    return !g->all->ike || ike_room(g->all->ike, g->uid, stranger, err);
}

static void leave_queue(struct guard *g)
{
    if (g->in_turns)
        count_by_user_sub(g->all->turns, g->uid);
    g->in_turns = false;
}

bool guard_takes_turn(struct guard *g)
{
    g->queued = !has_room(g, NULL);
    if (!g->queued)
        leave_queue(g);
    else if (!g->in_turns) /* a latched guard waits in the queue even if the queue is full */
        g->in_turns = count_by_user_add(g->all->turns, g->uid, NULL);
    return !g->queued;
}

void guard_turn_says(const struct guard *g, struct err *err)
{
    err_set(err, "it would be its turn now");
    has_room(g, err);
}

bool guard_may_wait_turn(const struct guard *g, bool prefer, struct err *err)
{
    struct count_by_user *turns = g->all->turns;
    if (has_room(g, NULL) || !turns)
        return true;
    if (prefer && count_by_user_of(turns, g->uid) >= PREFERRED_WAITING) {
        err_set(err, "%u services wait for their IKE exchange already", PREFERRED_WAITING);
        return false;
    }
    return count_by_user_room(turns, g->uid, err);
}

bool guard_set_account(struct guard *g, uid_t uid)
{
    if (!count_by_user_add(g->all->users, uid, NULL))
        return false;
    leave_queue(g); /* g is counted again when it next asks for its turn */
    if (g->counted)
        count_by_user_sub(g->all->users, g->uid);
    g->uid = uid;
    g->counted = true;
    return true;
}

void guard_leave_account(struct guard *g)
{
    leave_queue(g);
    if (g->counted)
        count_by_user_sub(g->all->users, g->uid);
    g->counted = false;
}
