/* Who asks: what rules may want to know about a process and its way to a peer, as far as they do.
 */
#ifndef BTNS_ASKER_H
#define BTNS_ASKER_H

#include "btnsd/ike/peers/peers.h"
#include "btnsd/rules/ask/view.h"
#include "btnsd/xfrm/xfrm.h"
#include "libapi/wire/wire.h"

#include <net/if.h>
#include <sys/socket.h>

#define ASKER_GROUPS_MAX 1024

struct asker {
    char program[BTNS_PATH_MAX];
    uid_t uid;
    gid_t gid[ASKER_GROUPS_MAX];
    size_t gids;
    char cgroup[BTNS_PATH_MAX]; /* "": nobody asked */
    char interface[IF_NAMESIZE];
};

/*
 * Finds out what these rules need to know of the process; a NULL program is its executable.
 * 0, or -EPERM with a reason: then nothing is to be decided.
 */
int asker_look(const struct view *view, const struct ucred *from, const char *program,
               struct asker *a, struct err *err);
/* The question's facts about the process; they lie in `a`. */
void asker_fill(const struct asker *a, struct question *q);
/* The same about the way to q->remote, for a connect(). */
void asker_fill_way(const struct peers *peers, const struct view *view, const struct route *route,
                    struct asker *a, struct question *q);

#endif
