/* Deletes the SAs of services, a few at a time (close_queue.c). */
#include "btnsd/ike/private/state.h"

#define CLOSE_MS 5000

static struct ike_task *begin_service_close(struct ike *k, struct ike_task *t)
{
    t->closing = t->conn->closes = true;
    t->asked = loop_now();
    count_by_user_add(k->closing, t->user, NULL);
    return task_start(k, t, &task_close);
}

/* The SA is gone already, or there is a new one. */
static void end_unasked_close(struct ike_task *t)
{
    task_report(t, IKE_OK, "closed");
    task_drop(t);
}

static void take_close_turn(struct ike *k, struct ike_task *t)
{
    ike_done *done = t->done;
    void *arg = t->arg;
    t->waits = false;
    if (t->needless)
        end_unasked_close(t);
    else if (!begin_service_close(k, t) && done)
        done(arg, IKE_BROKEN, NULL, "the IKE daemon does not take commands");
}

/* charon has one exchange of an IKE SA at a time: a second close would use up its time waiting. */
static bool may_begin_close(const struct ike *k, const struct ike_task *t)
{
    return t->needless || (!t->conn->closes && count_by_user_room(k->closing, t->user, NULL));
}

/* One at a time: who is told of the end of one may ask for another. */
static void on_close_turn(struct timer *timer)
{
    struct ike *k = timer->arg;
    for (struct ike_task **p = &k->closes; *p; p = &(*p)->next) {
        struct ike_task *t = *p;
        if (!may_begin_close(k, t))
            continue;
        *p = t->next;
        t->next = NULL;
        close_turn_soon(k);
        take_close_turn(k, t);
        return;
    }
}

struct ike_task *ike_close(struct ike *k, const struct ike_service *s, uid_t user, ike_done *done,
                           void *arg)
{
    struct ike_task *t = task_of_service(k, s, CLOSE_MS, done, arg);
    if (!t)
        return NULL;
    conn_drop_service(t->conn, s); /* charon drops the child when the connection is next loaded */
    t->ike = k;
    t->user = user;
    return may_begin_close(k, t) ? begin_service_close(k, t) : close_wait(k, t, on_close_turn);
}

void closes_drop(struct ike *k)
{
    loop_cancel(k->loop, &k->close_turn);
    while (k->closes) {
        struct ike_task *t = k->closes;
        k->closes = t->next;
        task_drop(t);
    }
}
