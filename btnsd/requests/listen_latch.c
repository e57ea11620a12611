/* Makes the latch of a listening or an accepted socket. */
#include "btnsd/requests/listen_latch.h"
#include "btnsd/base/intern.h"
#include "btnsd/running/lost_sockets.h"

#include <string.h>

struct latch *listen_latch(struct btnsd *d, const struct request *r, uint64_t cookie, bool sure,
                           const char *program, const char *rule)
{
    struct latch *l = registry_add(d->latches, cookie, r->from.uid, sure);
    const char *base = strrchr(program, '/');
    if (!l)
        return NULL;
    l->pid = r->from.pid;
    intern_set(&l->program, base ? base + 1 : program);
    intern_set(&l->rule, rule);
    lost_sockets_expect(d);
    return l;
}
