/* The one epoll loop: descriptors and timers, no polling. */
#include "btnsd/base/loop.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define BATCH     64
#define TIMERS_MS 10 /* time for timers in one round, before descriptors get their turn */

struct loop {
    int epoll;
    bool stop;
    struct timer **heap; /* by due time, 1-based */
    unsigned timers;
    size_t room; /* allocated size of heap */
    struct epoll_event event[BATCH];
    uint64_t round;
    int fetched; /* events fetched in this round and not handled yet */
};

uint64_t loop_now(void)
{
    struct timespec ts;
    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

struct loop *loop_new(void)
{
    struct loop *l = calloc(1, sizeof *l);
    if (!l)
        return NULL;
    l->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (l->epoll < 0) {
        free(l);
        return NULL;
    }
    return l;
}

void loop_free(struct loop *l)
{
    if (!l)
        return;
    close(l->epoll);
    free(l->heap);
    free(l);
}

int loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events,
               void (*ready)(struct watch *w, uint32_t events), void *arg)
{
    struct epoll_event ev = {.events = events, .data.ptr = w};
    w->ready = ready;
    w->arg = arg;
    w->fd = fd;
    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

void loop_rewatch(struct loop *l, struct watch *w, uint32_t events)
{
    struct epoll_event ev = {.events = events, .data.ptr = w};
    epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &ev);
}

void loop_unwatch(struct loop *l, struct watch *w)
{
    if (!w->ready)
        return;
    epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
    w->ready = NULL;
    for (int i = 0; i < l->fetched; i++)
        if (l->event[i].data.ptr == w)
            l->event[i].data.ptr = NULL;
}

static void place_loop_timer(struct loop *l, struct timer *t, unsigned slot)
{
    l->heap[slot] = t;
    t->slot = slot;
}

static void sift_loop_timer(struct loop *l, unsigned slot)
{
    struct timer *t = l->heap[slot];
    for (; slot > 1 && l->heap[slot / 2]->due > t->due; slot /= 2)
        place_loop_timer(l, l->heap[slot / 2], slot);
    for (unsigned child; (child = slot * 2) <= l->timers; slot = child) {
        if (child < l->timers && l->heap[child + 1]->due < l->heap[child]->due)
            child++;
        if (l->heap[child]->due >= t->due)
            break;
        place_loop_timer(l, l->heap[child], slot);
    }
    place_loop_timer(l, t, slot);
}

void loop_cancel(struct loop *l, struct timer *t)
{
    unsigned slot = t->slot;
    if (!slot)
        return;
    t->slot = 0;
    struct timer *last = l->heap[l->timers--];
    if (last == t)
        return;
    place_loop_timer(l, last, slot);
    sift_loop_timer(l, slot);
}

void loop_after(struct loop *l, struct timer *t, uint64_t ms, void (*fire)(struct timer *t),
                void *arg)
{
    loop_cancel(l, t);
    l->heap = array_grow(l->heap, &l->room, l->timers + 2u, sizeof *l->heap);
    if (!l->heap)
        abort(); /* a timer that never fires would leave a guard behind for ever */
    t->due = loop_now() + ms;
    t->fire = fire;
    t->arg = arg;
    place_loop_timer(l, t, ++l->timers);
    sift_loop_timer(l, l->timers);
}

/*
 * Thousands of timers may be due at once, each with work to do; those left over wait for the next
 * round.
 */
static void fire_loop_timers(struct loop *l)
{
    const uint64_t began = loop_now();
    while (l->timers && l->heap[1]->due <= began && loop_now() - began < TIMERS_MS) {
        struct timer *t = l->heap[1];
        loop_cancel(l, t);
        t->fire(t);
    }
}

static int loop_wait_ms(const struct loop *l)
{
    if (!l->timers)
        return -1;
    uint64_t now = loop_now(), due = l->heap[1]->due;
    if (due <= now)
        return 0;
    return due - now > 1000000 ? 1000000 : (int)(due - now);
}

uint64_t loop_round(const struct loop *l)
{
    return l->round;
}

int loop_run(struct loop *l)
{
    l->stop = false;
    while (!l->stop) {
        int n = epoll_wait(l->epoll, l->event, BATCH, loop_wait_ms(l));
        if (n < 0 && errno != EINTR)
            return -errno;
        l->fetched = n > 0 ? n : 0;
        l->round++;
        for (int i = 0; i < l->fetched; i++) {
            struct watch *w = l->event[i].data.ptr;
            if (w)
                w->ready(w, l->event[i].events);
        }
        l->fetched = 0;
        fire_loop_timers(l);
    }
    return 0;
}

void loop_stop(struct loop *l)
{
    l->stop = true;
}
