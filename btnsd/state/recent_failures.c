#include "btnsd/state/recent_failures.h"
#include "btnsd/base/loop.h"

#include <stdio.h>

void recent_failure_add(struct recent_failures *f, const struct btns_addr *a, const char *why)
{
    struct recent_failure *place = f->item;
    for (struct recent_failure *i = f->item; i < f->item + RECENT_FAILURES; i++) {
        if (btns_addr_ip_equal(&i->addr, a)) {
            place = i;
            break;
        }
        if (i->until < place->until)
            place = i;
    }
    place->addr = *a;
    place->until = loop_now() + RECENT_FAILURE_MS;
    snprintf(place->why, sizeof place->why, "%s", why);
}

const char *recent_failure_find(const struct recent_failures *f, const struct btns_addr *a)
{
    for (const struct recent_failure *i = f->item; i < f->item + RECENT_FAILURES; i++)
        if (i->until > loop_now() && btns_addr_ip_equal(&i->addr, a))
            return i->why;
    return NULL;
}
