/* Floors for sockets that do not listen yet: kept once the socket listens, otherwise deleted. */
#include "btnsd/running/floor_claims.h"

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

struct unheard {
    struct unheard *next;
    struct floor_claim claim;
    int fd;
    pid_t pid;
    uint64_t since; /* ms, loop_now */
    bool blocked;   /* the socket is blocked, and its floor was deleted */
};

static struct latch *latch_of(const struct btnsd *d, const struct unheard *u)
{
    return registry_find(d->latches, u->claim.cookie, u->claim.uid);
}

static void free_claim(struct btnsd *d, struct unheard **at)
{
    struct unheard *u = *at;
    *at = u->next;
    count_by_user_sub(d->claims, u->claim.uid);
    passed_close(u->fd, u->claim.uid);
    free(u);
}

/* Blocks the socket and deletes its floor. False: it cannot be blocked, so its floor stays. */
static bool block_claim(struct btnsd *d, struct unheard *u, const char *why)
{
    struct latch *l = latch_of(d, u);
    int rc = u->blocked ? 0 : socket_block(u->fd, u->claim.local.family);
    if (rc) {
        log_rated(log_warning, "sockets that cannot be blocked",
                  "a socket that does not listen cannot be blocked: %s", strerror(-rc));
        return false;
    }
    if (!u->blocked)
        log_rated(log_warning, "floors of sockets that do not listen",
                  "%s/%u: %s: the floor for pid %d is deleted, and its socket is blocked until it "
                  "listens",
                  protocol_name(u->claim.protocol), u->claim.local.port, why, u->pid);
    u->blocked = true;
    if (l && l->floor) {
        struct floor *f = l->floor;
        l->floor = NULL;
        floor_release(f);
    }
    if (l) {
        l->claims = false;
        l->unheard = true;
    }
    return true;
}

/*
 * The socket listens after all: makes its floor, and then unblocks it. False: no floor can be made
 * now.
 */
static bool unblock_claim(struct btnsd *d, struct unheard *u)
{
    struct latch *l = latch_of(d, u);
    if (!l || floor_covers_other_users(d->sockets, &u->claim))
        return false;
    floor_claims_yield(d, &u->claim);
    l->unheard = false;
    latch_review(d, l);
    l->unheard = !l->floor;
    return l->floor && !socket_unblock(u->fd);
}

static bool is_late(const struct unheard *u, uint64_t now)
{
    if (now - u->since < CLAIM_MS)
        return false;
    if (u->blocked)
        log_rated(log_note, "sockets that stay blocked",
                  "%s/%u: the socket of pid %d has no floor and stays blocked",
                  protocol_name(u->claim.protocol), u->claim.local.port, u->pid);
    return true;
}

/*
 * Another user's socket listens at a port where a socket that does not listen has a floor: deletes
 * that floor.
 */
static void give_way(void *arg, const struct sock_entry *e)
{
    struct btnsd *d = arg;
    for (struct unheard *u = d->unheard; u; u = u->next)
        if (u->claim.uid && !u->blocked && floor_covers(&u->claim, e) && !facts_listens(u->fd))
            block_claim(d, u, "another user's program listens there");
}

static bool is_over(struct btnsd *d, struct unheard *u, uint64_t now)
{
    if (facts_listens(u->fd)) {
        struct latch *l = latch_of(d, u);
        if (u->blocked && !unblock_claim(d, u))
            return is_late(u, now);
        if (l)
            l->claims = false;
        return true;
    }
    if (!latch_of(d, u) || !facts_process_lives(u->pid, now - u->since))
        return block_claim(d, u, "its process has ended");
    if (now - u->since >= FLOOR_MS)
        block_claim(d, u, "it does not listen");
    return is_late(u, now);
}

static void look_at_claims(struct timer *t)
{
    struct btnsd *d = t->arg;
    uint64_t start = loop_now();
    unsigned ms = SELDOM_MS;
    for (struct unheard **at = &d->unheard; *at;)
        if (is_over(d, *at, start))
            free_claim(d, at);
        else
            at = &(*at)->next;
    if (d->unheard)
        sockdiag_listeners(d->sockets, give_way, d);
    for (struct unheard *u = d->unheard; u; u = u->next)
        if (!u->blocked)
            ms = SOON_MS;
    if (d->unheard)
        loop_after(d->loop, &d->unheard_timer, ms + SHARE * (loop_now() - start), look_at_claims,
                   d);
}

/* Frees those of a user's claims that have ended since the last look. */
static void settle_claims(struct btnsd *d, uid_t uid)
{
    for (struct unheard **at = &d->unheard; *at;)
        if ((*at)->claim.uid == uid && is_over(d, *at, loop_now()))
            free_claim(d, at);
        else
            at = &(*at)->next;
}

static bool count_claim(struct btnsd *d, uid_t uid, struct err *err)
{
    if (count_by_user_add(d->claims, uid, err))
        return true;
    settle_claims(d, uid);
    return count_by_user_add(d->claims, uid, err);
}

bool floor_claim_begin(struct btnsd *d, const struct floor_claim *c, int fd, pid_t pid,
                       struct err *err)
{
    if (!count_claim(d, c->uid, err))
        return false;
    struct unheard *u = calloc(1, sizeof *u);
    int copy = u ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : -1;
    if (copy < 0) {
        err_set(err, "btnsd is out of memory or descriptors");
        count_by_user_sub(d->claims, c->uid);
        free(u);
        return false;
    }
    *u = (struct unheard){
        .next = d->unheard, .claim = *c, .fd = copy, .pid = pid, .since = loop_now()};
    d->unheard = u;
    struct latch *l = latch_of(d, u);
    if (l)
        l->claims = true;
    loop_after(d->loop, &d->unheard_timer, FIRST_MS, look_at_claims, d);
    return true;
}

bool floor_claim_end(struct btnsd *d, uint64_t cookie, uid_t uid)
{
    struct latch *l = registry_find(d->latches, cookie, uid);
    bool blocked = l && l->unheard;
    for (struct unheard **at = &d->unheard; *at;)
        if ((*at)->claim.cookie == cookie && (*at)->claim.uid == uid)
            free_claim(d, at);
        else
            at = &(*at)->next;
    if (l)
        l->unheard = l->claims = false;
    return blocked;
}

void floor_claims_yield(struct btnsd *d, const struct floor_claim *to)
{
    for (struct unheard *u = d->unheard; u; u = u->next) {
        const struct sock_entry it = {.cookie = u->claim.cookie,
                                      .uid = u->claim.owner,
                                      .inode = 1,
                                      .protocol = u->claim.protocol,
                                      .local = u->claim.local};
        if (u->claim.uid && u->claim.uid != to->uid && !u->blocked && floor_covers(to, &it) &&
            !facts_listens(u->fd))
            block_claim(d, u, "another user's program is about to listen there");
    }
}

void floor_claims_stop(struct btnsd *d)
{
    loop_cancel(d->loop, &d->unheard_timer);
    while (d->unheard) {
        if (!facts_listens(d->unheard->fd))
            block_claim(d, d->unheard, "btnsd ends, and it does not listen");
        free_claim(d, &d->unheard);
    }
}
