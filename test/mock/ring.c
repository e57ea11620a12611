/* Reads the memory that a program shares with the mock, as btnsd does. */
#include "test/mock/mock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

enum { LOOK_MS = 2 };

static struct btns_ring *ring;
static pid_t writer;

void share_ring(const struct request *r, uint64_t number, int log)
{
    void *p = mmap(NULL, BTNS_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
    if (p == MAP_FAILED || !script.ring)
        return;
    ring = p;
    writer = r->pid;
    __atomic_store_n(&ring->reader, number, __ATOMIC_SEQ_CST);
    dprintf(log, "RING pid=%d\n", writer);
}

static void record_slot(int log, struct btns_slot *s)
{
    static struct request r = {.fd = -1};
    uint64_t full = BTNS_SLOT_FULL;
    if (!__atomic_compare_exchange_n(&s->state, &full, BTNS_SLOT_BUSY, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_SEQ_CST))
        return;
    memcpy(&r.flow, &s->flow, sizeof r.flow);
    __atomic_store_n(&s->state, BTNS_SLOT_FREE, __ATOMIC_SEQ_CST);
    r.len = sizeof r.flow;
    r.pid = writer;
    record_request(log, &r);
}

static void look_into_ring(int log)
{
    for (int i = 0; ring && i < BTNS_RING_SLOTS; i++)
        record_slot(log, &ring->slot[i]);
}

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/*
 * A connection that was handed over is non-blocking, so this always waits for a message first, with
 * or without a ring to read meanwhile. The ring is read in time even if messages never stop.
 */
void await_request(int from, int log)
{
    static uint64_t looked;
    struct pollfd p = {.fd = from, .events = POLLIN};
    bool reads = ring && script.ring != 2; /* 2: read it only when the program has ended */
    int n;
    do {
        n = poll(&p, 1, reads ? LOOK_MS : -1);
        if (reads && (n == 0 || now_ms() >= looked + LOOK_MS)) {
            look_into_ring(log);
            looked = now_ms();
        }
    } while (n == 0 || (n < 0 && errno == EINTR));
}

void leave_ring(int log)
{
    if (ring)
        __atomic_store_n(&ring->reader, 0, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    look_into_ring(log);
}
