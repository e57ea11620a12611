/* Passes reports of the system's IKE daemon (keys = system) to guards and events. */
#include "btnsd/reports/system_events.h"

#include "btnsd/latch/keying/system.h"

#include <stdio.h>

static void tell_system_event(struct btnsd *d, enum btns_event_kind kind, const char *text)
{
    event_emit(&d->events,
               &(struct event){.kind = kind,
                               .reason = kind == BTNS_E_MANAGER_LOST ? BTNS_R_MANAGER : BTNS_R_NONE,
                               .text = text});
}

static void report_system_view(void *arg, const struct system_view *v)
{
    struct btnsd *d = arg;
    d->system_lost = false; /* the daemon was found when a rule needed it */
    guards_system_seen(&d->guards, v);
}

static bool report_system_lost(void *arg, const char *why)
{
    struct btnsd *d = arg;
    char text[BTNS_TEXT_MAX];
    snprintf(text, sizeof text, "the system's IKE daemon is lost: %s", why);
    if (!d->system_lost)
        tell_system_event(d, BTNS_E_MANAGER_LOST, text);
    d->system_lost = true;
    return guards_system_lost(&d->guards, why);
}

static void report_system_back(void *arg)
{
    struct btnsd *d = arg;
    if (d->system_lost) /* otherwise it was never reported lost */
        tell_system_event(d, BTNS_E_MANAGER_BACK, "the system's IKE daemon is back");
    d->system_lost = false;
    guards_system_back(&d->guards);
}

static void system_initiated(void *arg, const char *connection, const char *child,
                             enum ike_result result, const char *why)
{
    guards_system_initiated(&((struct btnsd *)arg)->guards, connection, child, result, why);
}

int system_events_watch(struct btnsd *d, const char *socket)
{
    static const struct system_ops ops = {report_system_view, report_system_lost,
                                          report_system_back, system_initiated};
    d->system = system_new(d->loop, socket, &ops, d);
    d->guards.system = d->system;
    return d->system ? 0 : -1;
}
