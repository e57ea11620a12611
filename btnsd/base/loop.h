/* The one epoll loop: descriptors and timers, no polling. */
#ifndef BTNS_BASE_LOOP_H
#define BTNS_BASE_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct loop;

/* Embedded in its owner. It must not move while it is watched. */
struct watch {
    void (*ready)(struct watch *w, uint32_t events);
    void *arg;
    int fd;
};

/* Embedded in its owner. A zeroed timer is valid and not armed. */
struct timer {
    void (*fire)(struct timer *t);
    void *arg;
    uint64_t due;  /* ms, loop_now */
    unsigned slot; /* place in the heap + 1; 0: not armed */
};

struct loop *loop_new(void);
void loop_free(struct loop *l);
/* 0 or -errno. events: EPOLLIN, EPOLLOUT. */
int loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events,
               void (*ready)(struct watch *w, uint32_t events), void *arg);
void loop_rewatch(struct loop *l, struct watch *w, uint32_t events);
/* Stops watching; events already fetched for w are dropped. Does not close the descriptor. */
void loop_unwatch(struct loop *l, struct watch *w);
/* (Re)arms t to fire once, after ms. */
void loop_after(struct loop *l, struct timer *t, uint64_t ms, void (*fire)(struct timer *t),
                void *arg);
void loop_cancel(struct loop *l, struct timer *t);
uint64_t loop_now(void);      /* ms, monotonic */
int loop_run(struct loop *l); /* until loop_stop; 0 or -errno */
/* The number of rounds, that is, of calls of epoll_wait(). */
uint64_t loop_round(const struct loop *l);
void loop_stop(struct loop *l);

#endif
