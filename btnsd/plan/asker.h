/*
 * Reads the facts about the process that asked (program, uid, groups, control group), as far as the
 * rules need them.
 */
#ifndef BTNS_PLAN_ASKER_H
#define BTNS_PLAN_ASKER_H

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
    char cgroup[BTNS_PATH_MAX]; /* "": no rule needs it */
    char interface[IF_NAMESIZE];
};

/*
 * Reads the facts about the process that these rules need. program NULL: takes the process's
 * executable. 0, or -EPERM with err: then no rule may be applied.
 */
int asker_look(const struct view *view, const struct ucred *from, const char *program,
               struct asker *a, struct err *err);
/* Fills in the question's facts about the process; q then points into `a`. */
void asker_fill(const struct asker *a, struct question *q);
/* Fills in the facts about the route to q->remote, for a connect(). */
void asker_fill_way(const struct peers *peers, const struct view *view, const struct route *route,
                    struct asker *a, struct question *q);

#endif
