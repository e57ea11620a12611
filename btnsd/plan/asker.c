/*
 * Reads the facts about the process that asked (program, uid, groups, control group), as far as the
 * rules need them.
 */
#include "btnsd/plan/asker.h"

#include "btnsd/ike/peers/peers.h"
#include "btnsd/plan/facts.h"
#include "btnsd/plan/facts_at_once.h"

#include <errno.h>
#include <string.h>

int asker_look(const struct view *view, const struct ucred *from, const char *program,
               struct asker *a, struct err *err)
{
    const char *missing = NULL;
    a->uid = from->uid;
    a->gids = 1;
    a->gid[0] = from->gid;
    a->cgroup[0] = a->interface[0] = '\0';
    if (program)
        snprintf(a->program, sizeof a->program, "%s", program);
    else if (!program_at_once(from->pid, a->program, sizeof a->program))
        missing = "the calling program cannot be identified";
    if (!missing && view_needs(view) & NEEDS_GROUPS &&
        !facts_groups(from->pid, a->gid, ASKER_GROUPS_MAX, &a->gids))
        missing = "the groups of the calling process cannot be read";
    if (!missing && view_needs(view) & NEEDS_CGROUP &&
        !facts_cgroup(from->pid, a->cgroup, sizeof a->cgroup))
        missing = "the control group of the calling process cannot be read";
    if (!missing)
        return 0;
    err_set(err, "%s", missing);
    return -EPERM;
}

void asker_fill(const struct asker *a, struct question *q)
{
    q->program = a->program;
    q->uid = a->uid;
    q->gid = a->gid;
    q->gids = a->gids;
    q->cgroup = a->cgroup[0] ? a->cgroup : NULL;
}

void asker_fill_way(const struct peers *peers, const struct view *view, const struct route *route,
                    struct asker *a, struct question *q)
{
    if (view_needs(view) & NEEDS_INTERFACE && route->ifindex &&
        if_indextoname((unsigned)route->ifindex, a->interface))
        q->interface = a->interface;
    if (view_needs(view) & NEEDS_PEER) {
        struct btns_addr host = q->remote;
        host.port = 0;
        q->peer = peers_by_addr(peers, &host) ? SEEN_KNOWN : SEEN_NEW;
    }
}
