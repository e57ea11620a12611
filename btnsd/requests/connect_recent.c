/* Addresses where protection was not to be had a moment ago: `prefer` does not wait for them again.
 */
#include "btnsd/state/daemon.h"

#include <string.h>

void miss_note(struct btnsd *d, const struct btns_addr *a, const char *why)
{
    struct miss *oldest = d->miss;
    for (struct miss *m = d->miss; m < d->miss + MISSES; m++) {
        if (btns_addr_ip_equal(&m->addr, a)) {
            oldest = m;
            break;
        }
        if (m->until < oldest->until)
            oldest = m;
    }
    oldest->addr = *a;
    oldest->until = loop_now() + MISS_MS;
    snprintf(oldest->why, sizeof oldest->why, "%s", why);
}

const char *miss_find(const struct btnsd *d, const struct btns_addr *a)
{
    for (const struct miss *m = d->miss; m < d->miss + MISSES; m++)
        if (m->until > loop_now() && btns_addr_ip_equal(&m->addr, a))
            return m->why;
    return NULL;
}
