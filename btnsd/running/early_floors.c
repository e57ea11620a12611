/* Floors for sockets that do not listen yet: kept once the socket listens, otherwise deleted. */
#include "btnsd/running/early_floors.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/base/log_rate.h"
#include "btnsd/plan/facts.h"
#include "btnsd/running/review_latches.h"
#include "btnsd/server/passed_fds.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLOOR_MS  3000  /* a floor stands for this long without a listener */
#define CLAIM_MS  30000 /* for this long, btnsd looks whether its socket listens after all */
#define FIRST_MS  1     /* usually the program calls listen() at once */
#define SOON_MS   20
#define SELDOM_MS 250
#define SHARE     5 /* at most one part in five of the time is spent looking */

struct early_floor {
    struct early_floor *next;
    struct floor_request request;
    int fd;
    pid_t pid;
    uint64_t since; /* ms, loop_now */
    bool blocked;   /* the socket is blocked, and its floor was deleted */
};

static struct latch *latch_of_early_floor(const struct btnsd *d, const struct early_floor *u)
{
    return registry_find(d->latches, u->request.cookie, u->request.uid);
}

static void free_early_floor(struct btnsd *d, struct early_floor **at)
{
    struct early_floor *u = *at;
    *at = u->next;
    count_by_user_sub(d->early_floor_counts, u->request.uid);
    passed_close(u->fd, u->request.uid);
    free(u);
}

/* Blocks the socket and deletes its floor. False: it cannot be blocked, so its floor stays. */
static bool block_early(struct btnsd *d, struct early_floor *u, const char *why)
{
    struct latch *l = latch_of_early_floor(d, u);
    int rc = u->blocked ? 0 : socket_policy_block(u->fd, u->request.local.family);
    if (rc) {
        log_rated(log_warning, "sockets that cannot be blocked",
                  "a socket that does not listen cannot be blocked: %s", strerror(-rc));
        return false;
    }
    if (!u->blocked)
        log_rated(log_warning, "floors of sockets that do not listen",
                  "%s/%u: %s: the floor for pid %d is deleted, and its socket is blocked until it "
                  "listens",
                  protocol_name(u->request.protocol), u->request.local.port, why, u->pid);
    u->blocked = true;
    if (l && l->floor) {
        struct floor *f = l->floor;
        l->floor = NULL;
        floor_release(f);
    }
    if (l) {
        l->early_floor = false;
        l->not_listening = true;
    }
    return true;
}

/*
 * The socket listens after all: makes its floor, and then unblocks it. False: no floor can be made
 * now.
 */
static bool unblock_early(struct btnsd *d, struct early_floor *u)
{
    struct latch *l = latch_of_early_floor(d, u);
    if (!l || other_users_are_covered(d->sockets, &u->request))
        return false;
    early_floors_yield(d, &u->request);
    l->not_listening = false;
    latch_review(d, l);
    l->not_listening = !l->floor;
    return l->floor && !socket_policy_unblock(u->fd);
}

static bool is_early_floor_late(const struct early_floor *u, uint64_t now)
{
    if (now - u->since < CLAIM_MS)
        return false;
    if (u->blocked)
        log_rated(log_note, "sockets that stay blocked",
                  "%s/%u: the socket of pid %d has no floor and stays blocked",
                  protocol_name(u->request.protocol), u->request.local.port, u->pid);
    return true;
}

/*
 * Another user's socket listens at a port where a socket that does not listen has a floor: deletes
 * that floor.
 */
static void early_floor_gives_way(void *arg, const struct sock_entry *e)
{
    struct btnsd *d = arg;
    for (struct early_floor *u = d->early_floors; u; u = u->next)
        if (u->request.uid && !u->blocked && other_user_is_covered(&u->request, e) &&
            !facts_listens(u->fd))
            block_early(d, u, "another user's program listens there");
}

static bool is_early_floor_over(struct btnsd *d, struct early_floor *u, uint64_t now)
{
    if (facts_listens(u->fd)) {
        struct latch *l = latch_of_early_floor(d, u);
        if (u->blocked && !unblock_early(d, u))
            return is_early_floor_late(u, now);
        if (l)
            l->early_floor = false;
        return true;
    }
    if (!latch_of_early_floor(d, u) || !facts_process_lives(u->pid, now - u->since))
        return block_early(d, u, "its process has ended");
    if (now - u->since >= FLOOR_MS)
        block_early(d, u, "it does not listen");
    return is_early_floor_late(u, now);
}

static void check_early_floors(struct timer *t)
{
    struct btnsd *d = t->arg;
    uint64_t start = loop_now();
    unsigned ms = SELDOM_MS;
    for (struct early_floor **at = &d->early_floors; *at;)
        if (is_early_floor_over(d, *at, start))
            free_early_floor(d, at);
        else
            at = &(*at)->next;
    if (d->early_floors)
        sockdiag_listeners(d->sockets, early_floor_gives_way, d);
    for (struct early_floor *u = d->early_floors; u; u = u->next)
        if (!u->blocked)
            ms = SOON_MS;
    if (d->early_floors)
        loop_after(d->loop, &d->early_floors_timer, ms + SHARE * (loop_now() - start),
                   check_early_floors, d);
}

/* Frees the user's early floors that have ended since the last look. */
static void free_ended_floors(struct btnsd *d, uid_t uid)
{
    for (struct early_floor **at = &d->early_floors; *at;)
        if ((*at)->request.uid == uid && is_early_floor_over(d, *at, loop_now()))
            free_early_floor(d, at);
        else
            at = &(*at)->next;
}

static bool count_early_floor(struct btnsd *d, uid_t uid, struct err *err)
{
    if (count_by_user_add(d->early_floor_counts, uid, err))
        return true;
    free_ended_floors(d, uid);
    return count_by_user_add(d->early_floor_counts, uid, err);
}

bool early_floor_begin(struct btnsd *d, const struct floor_request *c, int fd, pid_t pid,
                       struct err *err)
{
    if (!count_early_floor(d, c->uid, err))
        return false;
    struct early_floor *u = calloc(1, sizeof *u);
    int copy = u ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (copy < 0) {
        err_set(err, "btnsd is out of memory or descriptors");
        count_by_user_sub(d->early_floor_counts, c->uid);
        free(u);
        return false;
    }
    *u = (struct early_floor){
        .next = d->early_floors, .request = *c, .fd = copy, .pid = pid, .since = loop_now()};
    d->early_floors = u;
    struct latch *l = latch_of_early_floor(d, u);
    if (l)
        l->early_floor = true;
    loop_after(d->loop, &d->early_floors_timer, FIRST_MS, check_early_floors, d);
    return true;
}

bool early_floor_end(struct btnsd *d, uint64_t cookie, uid_t uid)
{
    struct latch *l = registry_find(d->latches, cookie, uid);
    bool blocked = l && l->not_listening;
    for (struct early_floor **at = &d->early_floors; *at;)
        if ((*at)->request.cookie == cookie && (*at)->request.uid == uid)
            free_early_floor(d, at);
        else
            at = &(*at)->next;
    if (l)
        l->not_listening = l->early_floor = false;
    return blocked;
}

void early_floors_yield(struct btnsd *d, const struct floor_request *to)
{
    for (struct early_floor *u = d->early_floors; u; u = u->next) {
        const struct sock_entry it = {.cookie = u->request.cookie,
                                      .uid = u->request.owner,
                                      .inode = 1,
                                      .protocol = u->request.protocol,
                                      .local = u->request.local};
        if (u->request.uid && u->request.uid != to->uid && !u->blocked &&
            other_user_is_covered(to, &it) && !facts_listens(u->fd))
            block_early(d, u, "another user's program is about to listen there");
    }
}

void early_floors_stop(struct btnsd *d)
{
    loop_cancel(d->loop, &d->early_floors_timer);
    while (d->early_floors) {
        if (!facts_listens(d->early_floors->fd))
            block_early(d, d->early_floors, "btnsd ends, and it does not listen");
        free_early_floor(d, &d->early_floors);
    }
}
