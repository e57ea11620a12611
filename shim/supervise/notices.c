/*
 * Receives the stopped calls one by one and judges them; handles short ones at once, and gives long
 * ones to threads.
 */
#include "shim/supervise/notices.h"

#include "shim/supervise/act.h"
#include "shim/supervise/lines.h"
#include "shim/supervise/workers.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

/* Makes a call fail if its memory or socket cannot be read: the supervisor cannot judge it. */
static void fail_noticed_call(struct work *w, int error)
{
    if (error == -EPERM || error == -EACCES)
        line_once(&w->caller, NULL, "",
                  "its calls cannot be looked at (it has other rights than btns-run, or has made "
                  "itself undumpable): its connections are refused");
    /*
     * -ESRCH: the caller has stopped waiting, so no answer reaches it; or its process was not
     * found, so it is told to try again.
     */
    caller_answer(&w->caller, error == -ESRCH ? -EAGAIN : error);
}

static void run_notice_work(struct work *w)
{
    act(w->v, &w->caller, &w->sight, &w->decision);
}

/* Returns true if a thread has taken over the work. */
static bool handle_noticed_call(struct work *w)
{
    int rc = w->caller.process < 0 ? -ESRCH : look_at_caller(&w->caller, w->v, &w->sight);
    if (rc) {
        fail_noticed_call(w, rc);
        return false;
    }
    w->decision = judge(&w->sight.facts);
    if (!act_is_slow(&w->decision, &w->sight)) {
        run_notice_work(w);
        return false;
    }
    if (workers_start(w))
        return true;
    line_once(&w->caller, NULL, "", "too many connections wait for btnsd at once: refused");
    caller_answer(&w->caller, -EAGAIN);
    return false;
}

bool notices_ready(const struct supervision *v, int listener)
{
    struct pollfd p = {.fd = listener, .events = POLLIN};
    while (poll(&p, 1, 0) == 1 && (p.revents & POLLIN)) {
        struct work *w = calloc(1, sizeof *w);
        if (!w)
            return true; /* no memory: the caller stays stopped until there is some */
        w->v = v;
        w->run = run_notice_work;
        w->sight.fd = -1;
        if (caller_take(listener, &w->caller) && handle_noticed_call(w))
            continue;
        look_end(&w->sight);
        caller_close(&w->caller);
        free(w);
    }
    return !(p.revents & (POLLHUP | POLLERR));
}

bool notices_busy(void)
{
    return workers_busy();
}

void notices_tick(void)
{
    workers_tick();
}
