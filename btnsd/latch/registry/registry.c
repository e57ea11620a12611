/* The registry: all latches, found by socket cookie. */
#include "btnsd/latch/registry/registry.h"

#include "btnsd/base/count_by_user.h"
#include "btnsd/base/intern.h"
#include "btnsd/base/loop.h"
#include "btnsd/latch/floor/floor.h"
#include "btnsd/latch/registry/latch_events.h"

#include <stdlib.h>
#include <string.h>

#define GONE 16384

struct registry {
    struct latch **bucket;
    size_t buckets; /* a power of two */
    size_t count;
    struct count_by_user *users, *listeners;
    struct events *events;
    /* cookies of destroyed sockets, by their hash; later ones replace earlier ones */
    uint64_t gone[GONE];
};

struct registry *registry_new(void)
{
    struct registry *r = calloc(1, sizeof *r);
    if (!r)
        return NULL;
    r->buckets = 256;
    r->bucket = calloc(r->buckets, sizeof *r->bucket);
    r->users = count_by_user_new(LIMIT_LATCHES);
    r->listeners = count_by_user_new(LIMIT_LISTENERS);
    if (!r->bucket || !r->users || !r->listeners) {
        free(r->bucket);
        count_by_user_free(r->users);
        count_by_user_free(r->listeners);
        free(r);
        return NULL;
    }
    return r;
}

void registry_set_events(struct registry *r, struct events *es)
{
    r->events = es;
}

static size_t hash_latch_cookie(uint64_t cookie)
{
    return (size_t)(cookie * 0x9e3779b97f4a7c15u >> 32);
}

static struct latch **latch_slot(struct registry *r, uint64_t cookie)
{
    return &r->bucket[hash_latch_cookie(cookie) & (r->buckets - 1)];
}

static void grow_registry(struct registry *r)
{
    struct registry bigger = {.buckets = r->buckets * 2};
    bigger.bucket = calloc(bigger.buckets, sizeof *bigger.bucket);
    if (!bigger.bucket)
        return; /* lookups are slower, but correct */
    for (size_t i = 0; i < r->buckets; i++)
        while (r->bucket[i]) {
            struct latch *l = r->bucket[i];
            r->bucket[i] = l->next;
            struct latch **p = latch_slot(&bigger, l->cookie);
            l->next = *p;
            *p = l;
        }
    free(r->bucket);
    r->bucket = bigger.bucket;
    r->buckets = bigger.buckets;
}

struct latch *registry_next(struct registry *r, uint64_t cookie, const struct latch *after)
{
    struct latch *l = after ? after->next : *latch_slot(r, cookie);
    while (l && l->cookie != cookie)
        l = l->next;
    return l;
}

struct latch *registry_find(struct registry *r, uint64_t cookie, uid_t uid)
{
    struct latch *l = registry_next(r, cookie, NULL);
    while (l && (l->uid != uid || l->flow))
        l = registry_next(r, cookie, l);
    return l;
}

struct latch *registry_find_flow(struct registry *r, uint64_t cookie, uid_t uid,
                                 const struct btns_addr *remote)
{
    struct latch *l = registry_next(r, cookie, NULL);
    while (l && (l->uid != uid || !l->flow || !btns_addr_equal(&l->remote, remote)))
        l = registry_next(r, cookie, l);
    return l;
}

void registry_socket_at(struct registry *r, uint64_t cookie, const struct btns_addr *local)
{
    for (struct latch *l = registry_next(r, cookie, NULL); l; l = registry_next(r, cookie, l))
        if (!l->local.port && l->state != BTNS_S_LISTENER)
            l->local = *local;
}

void registry_socket_gone(struct registry *r, uint64_t cookie)
{
    r->gone[hash_latch_cookie(cookie) % GONE] = cookie;
    for (struct latch *l; (l = registry_next(r, cookie, NULL));)
        registry_drop(r, l);
}

/*
 * Drops a latch of this user to make room. Its connection stays protected, but is no longer listed.
 */
static bool make_latch_room(struct registry *r, uint64_t cookie, uid_t uid)
{
    size_t first = (size_t)(latch_slot(r, cookie) - r->bucket);
    for (size_t i = 0; i < r->buckets; i++)
        for (struct latch *l = r->bucket[(first + i) & (r->buckets - 1)]; l; l = l->next)
            if (l->uid == uid && !l->floor) {
                registry_drop(r, l);
                return count_by_user_add(r->users, uid, NULL);
            }
    return false;
}

/* Has another user passed this socket to btnsd, while this user only names it? */
static bool is_latch_of_another(struct registry *r, uint64_t cookie, uid_t uid)
{
    struct latch *l = registry_next(r, cookie, NULL);
    while (l && (l->uid == uid || !l->shown))
        l = registry_next(r, cookie, l);
    return l;
}

static void drop_other_latches(struct registry *r, uint64_t cookie, uid_t uid)
{
    for (struct latch *l = registry_next(r, cookie, NULL), *next; l; l = next) {
        next = registry_next(r, cookie, l);
        if (l->uid != uid)
            registry_drop(r, l);
    }
}

/*
 * A program may bind a socket as root, and send from it as another user: what its port and its
 * other destinations are latched to stays.
 */
static void drop_other_flows(struct registry *r, uint64_t cookie, uid_t uid)
{
    for (struct latch *l = registry_next(r, cookie, NULL), *next; l; l = next) {
        next = registry_next(r, cookie, l);
        if (l->uid != uid && !l->floor && !(l->guard && l->guard->ever_up))
            registry_drop(r, l);
    }
}

static struct latch *new_latch(struct registry *r, uint64_t cookie, uid_t uid, bool sure)
{
    if (!count_by_user_add(r->users, uid, NULL) && !make_latch_room(r, cookie, uid))
        return NULL;
    if (r->count > r->buckets)
        grow_registry(r);
    struct latch *l = calloc(1, sizeof *l);
    if (!l) {
        count_by_user_sub(r->users, uid);
        return NULL;
    }
    l->cookie = cookie;
    l->uid = uid;
    l->seen = l->shown = sure;
    l->created = loop_now();
    struct latch **p = latch_slot(r, cookie);
    l->next = *p;
    *p = l;
    r->count++;
    return l;
}

struct latch *registry_add(struct registry *r, uint64_t cookie, uid_t uid, bool sure)
{
    struct latch *l = registry_find(r, cookie, uid);
    if (sure)
        drop_other_latches(r, cookie, uid);
    if (l) {
        l->seen |= sure;
        l->shown |= sure;
    }
    if (l || (!sure && (r->gone[hash_latch_cookie(cookie) % GONE] == cookie ||
                        is_latch_of_another(r, cookie, uid))))
        return l;
    return new_latch(r, cookie, uid, sure);
}

/* Drops the oldest latch of a datagram socket that needs one more. */
static void drop_oldest_flow(struct registry *r, uint64_t cookie, uid_t uid)
{
    struct latch *oldest = NULL;
    size_t n = 0;
    for (struct latch *l = registry_next(r, cookie, NULL); l; l = registry_next(r, cookie, l))
        if (l->flow && l->uid == uid) {
            n++;
            if (!oldest || l->created <= oldest->created)
                oldest = l;
        }
    if (n >= REGISTRY_FLOWS)
        registry_drop(r, oldest);
}

struct latch *registry_add_flow(struct registry *r, uint64_t cookie, uid_t uid,
                                const struct btns_addr *remote)
{
    struct latch *l = registry_find_flow(r, cookie, uid, remote);
    drop_other_flows(r, cookie, uid);
    if (l)
        return l;
    drop_oldest_flow(r, cookie, uid);
    l = new_latch(r, cookie, uid, true);
    if (l) {
        l->flow = true;
        l->remote = *remote;
    }
    return l;
}

bool registry_listens(struct registry *r, struct latch *l, struct err *err)
{
    if (!l->listens)
        l->listens = count_by_user_add(r->listeners, l->uid, err);
    return l->listens;
}

void registry_drop(struct registry *r, struct latch *l)
{
    for (struct latch **p = latch_slot(r, l->cookie); *p; p = &(*p)->next)
        if (*p == l) {
            *p = l->next;
            break;
        }
    latch_report_end(r->events, l);
    r->count--;
    count_by_user_sub(r->users, l->uid);
    if (l->listens)
        count_by_user_sub(r->listeners, l->uid);
    latch_set_guard(l, NULL);
    if (l->floor)
        floor_release(l->floor);
    intern_set(&l->program, NULL);
    intern_set(&l->rule, NULL);
    intern_set(&l->reason, NULL);
    intern_set(&l->profile, NULL);
    free(l->keyed);
    free(l);
}

void registry_flows_end(struct registry *r, struct guard *g)
{
    for (struct latch *l = g->holders, *next; l; l = next) {
        next = l->of_guard;
        if (l->flow)
            registry_drop(r, l);
    }
}

void registry_free(struct registry *r)
{
    for (size_t i = 0; i < r->buckets; i++)
        while (r->bucket[i])
            registry_drop(r, r->bucket[i]);
    free(r->bucket);
    count_by_user_free(r->users);
    count_by_user_free(r->listeners);
    free(r);
}

size_t registry_count(const struct registry *r)
{
    return r->count;
}

void registry_each(struct registry *r, void (*cb)(void *arg, struct latch *l), void *arg)
{
    for (size_t i = 0; i < r->buckets; i++)
        for (struct latch *l = r->bucket[i], *next; l; l = next) {
            next = l->next;
            cb(arg, l);
        }
}

void registry_guard_freed(struct registry *r, struct guard *g)
{
    struct latch *l;
    while ((l = g->holders)) {
        latch_lose_guard(l);
        if (l->state == BTNS_S_ESTABLISHED) {
            l->state = BTNS_S_CLOSED;
            intern_set(&l->reason, g->reason);
            l->code = (uint8_t)g->code;
        }
        latch_report(r->events, l);
    }
}
