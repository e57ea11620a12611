/* Reads the memory that a program shares with the mock, as btnsd does. */
#include "test/mock/mock.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

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

/*
 * A connection that was handed over is non-blocking, so this always waits for a message first, with
 * or without a ring to read meanwhile.
 */
void await_request(int from, int log)
{
    struct pollfd p = {.fd = from, .events = POLLIN};
    int n, look = script.ring == 2 ? -1 : LOOK_MS; /* 2: read it only when the program has ended */
    while ((n = poll(&p, 1, ring ? look : -1)) == 0 || (n < 0 && errno == EINTR))
        if (n == 0)
            look_into_ring(log);
}

void leave_ring(int log)
{
    if (ring)
        __atomic_store_n(&ring->reader, 0, __ATOMIC_SEQ_CST);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    look_into_ring(log);
}
