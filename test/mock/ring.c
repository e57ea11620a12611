/* Reads the memory that a program shares with the mock, as btnsd does. */
#include "test/mock/mock.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 2 };

static struct btns_ring *ring;
static pid_t writer;
static volatile sig_atomic_t stopped;

static int ring_log;

/* From now on the program has to send its messages; the memory is read when it has ended. */
static void stop_reading(int signal)
{
    static const char line[] = "STOPPED\n";
    (void)signal;
    stopped = 1;
    __atomic_store_n(&ring->reader, 0, __ATOMIC_SEQ_CST);
    if (write(ring_log, line, sizeof line - 1) < 0)
        _exit(1);
}

void share_ring(const struct request *r, uint64_t number, int log)
{
    void *p = mmap(NULL, BTNS_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
    if (p == MAP_FAILED || !script.ring)
        return;
    ring = p;
    writer = r->pid;
    ring_log = log;
    signal(SIGUSR2, stop_reading);
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

/* The program has counted connections that it accepted: a line for each, without addresses. */
static void record_count(int log)
{
    static uint64_t seen;
    const struct request r = {.fd = -1,
                              .len = sizeof r.flow,
                              .pid = writer,
                              .flow.hdr.type = BTNS_MSG_ACCEPTED,
                              .flow.protocol = IPPROTO_TCP};
    for (uint64_t now = __atomic_load_n(&ring->accepted, __ATOMIC_SEQ_CST); seen < now; seen++)
        record_request(log, &r);
}

static void look_into_ring(int log)
{
    if (ring)
        record_count(log);
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
    int n;
    do {
        /* 2: read it only when the program has ended */
        bool reads = ring && script.ring != 2 && !stopped;
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
