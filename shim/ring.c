/*
 * The memory belongs to the process that made it, because btnsd takes the process that offered it
 * for the sender of its messages: a forked child has neither the memory (MADV_DONTFORK) nor,
 * whatever way it was forked in, a pointer to it (MADV_WIPEONFORK), and sends its messages by the
 * link.
 *
 * The order of struct btns_page holds here too. A message is written, then the epoch is compared,
 * then the socket connects; btnsd moves the epoch, then looks at every slot. Filling a slot and
 * moving the epoch are both followed by a full fence, so either btnsd finds the slot full, or the
 * writer finds the epoch moved and does not connect. So it does not matter when btnsd looks, nor
 * that it passes over a slot that is being written: that writer has yet to compare the epoch.
 * Likewise a writer either sees after it filled the slot that btnsd has stopped looking, and takes
 * the message back, or btnsd's last look finds it. The count of accepted connections is raised by
 * one atomic addition, and follows the same order: the addition is a full fence, so either btnsd's
 * last look finds the new count, or the writer sees afterwards that btnsd has stopped looking. The
 * count is never lowered: it only makes btnsd ask the kernel. A writer that dies or is jumped out
 * of in the middle leaves one slot unused. Signal handlers and threads write to different slots.
 */
#include "shim/ring.h"

#include "shim/epoch.h"
#include "shim/raw.h"

#include <fcntl.h>
#include <linux/memfd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum {
    MOST = 8, /* rings that a process has at most: one for each of the newest links */
    /* failed offers before a process gives up: each costs some system calls */
    MOST_FAILURES = 64,
};

struct offered {
    link_name link;
    struct btns_ring *ring;
};

/* Memory that the kernel clears in a forked child. */
struct own {
    uint32_t taken;    /* counts up: the next place in .all is this number modulo MOST */
    uint32_t failures; /* offers that did not succeed */
    link_name offered; /* the link for which a thread has made a ring, or is about to */
    struct offered *last;
    struct offered all[MOST];
};

static struct own *own; /* set once, never changed */

static struct own *get_own_rings(void)
{
    struct own *there = __atomic_load_n(&own, __ATOMIC_SEQ_CST), *none = NULL;
    if (there)
        return there;
    there = mmap(NULL, sizeof *there, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (there == MAP_FAILED)
        return NULL;
    if (!madvise(there, sizeof *there, MADV_WIPEONFORK) &&
        __atomic_compare_exchange_n(&own, &none, there, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return there;
    munmap(there, sizeof *there);
    return none;
}

static struct btns_ring *ring_of(link_name link)
{
    struct own *o = __atomic_load_n(&own, __ATOMIC_SEQ_CST);
    struct offered *last = o ? __atomic_load_n(&o->last, __ATOMIC_SEQ_CST) : NULL;
    return last && last->link == link ? last->ring : NULL;
}

/* May this process make a file as large as a ring? Otherwise SIGXFSZ would end the program. */
static bool may_make_ring_file(void)
{
    struct rlimit limit;
    return getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur >= BTNS_RING_SIZE;
}

static bool seal_ring(int fd)
{
    return RAW(ftruncate, fd, BTNS_RING_SIZE) == 0 &&
           RAW(fcntl, fd, F_ADD_SEALS, BTNS_RING_SEALS) == 0;
}

/*
 * Returns a descriptor, or -errno. The ring is mapped over the one in *ring, if there is one, in
 * one step: a thread that is still writing there writes to the new one, which takes messages of
 * this process as well.
 */
static int make_ring(struct btns_ring **ring)
{
    const int flags = MAP_SHARED | (*ring ? MAP_FIXED : 0);
    long fd = RAW(memfd_create, "btns-ring", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return (int)fd;
    void *p = seal_ring((int)fd)
                  ? mmap(*ring, BTNS_RING_SIZE, PROT_READ | PROT_WRITE, flags, (int)fd, 0)
                  : MAP_FAILED;
    if (p != MAP_FAILED)
        *ring = p;
    if (p != MAP_FAILED && !madvise(p, BTNS_RING_SIZE, MADV_DONTFORK))
        return (int)fd;
    RAW(close, fd);
    return -ENOMEM;
}

/*
 * False: there was no descriptor for it, or no room on the link. The memory stays mapped then, for
 * the next ring at this place.
 */
static bool offer_ring(link_name link, struct offered *place)
{
    int fd = make_ring(&place->ring);
    bool sent = fd >= 0 && !link_send_file(link, BTNS_MSG_RING, fd);
    if (fd >= 0)
        RAW(close, fd);
    __atomic_store_n(&place->link, sent ? link : 0, __ATOMIC_SEQ_CST);
    return sent;
}

/* The last few rings stay mapped, each for its own link: another thread may be writing to one. */
void ring_offer(link_name link)
{
    struct own *o = link && may_make_ring_file() ? get_own_rings() : NULL;
    if (!o || __atomic_load_n(&o->failures, __ATOMIC_SEQ_CST) >= MOST_FAILURES ||
        __atomic_exchange_n(&o->offered, link, __ATOMIC_SEQ_CST) == link)
        return;
    uint32_t at = __atomic_fetch_add(&o->taken, 1, __ATOMIC_SEQ_CST);
    struct offered *place = &o->all[at % MOST];
    if (offer_ring(link, place)) {
        __atomic_store_n(&o->last, place, __ATOMIC_SEQ_CST);
    } else { /* the next question tries again */
        uint32_t next = at + 1;
        link_name own_mark = link;
        __atomic_add_fetch(&o->failures, 1, __ATOMIC_SEQ_CST);
        __atomic_compare_exchange_n(&o->taken, &next, at, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST);
        __atomic_compare_exchange_n(&o->offered, &own_mark, 0, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST);
    }
}

static bool is_ring_read(const struct btns_ring *ring)
{
    return epoch_is_of(__atomic_load_n(&ring->reader, __ATOMIC_SEQ_CST));
}

_Static_assert(sizeof(struct btns_flow) % sizeof(uint64_t) == 0, "a message is whole words");

static void fill_ring_slot(struct btns_slot *s, const struct btns_flow *flow)
{
    enum { WORDS = sizeof *flow / sizeof(uint64_t) };
    for (int i = 0; i < WORDS; i++)
        __atomic_store_n((uint64_t *)&s->flow + i, ((const uint64_t *)flow)[i], __ATOMIC_RELAXED);
    __atomic_store_n(&s->state, BTNS_SLOT_FULL, __ATOMIC_RELEASE);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool change_ring_slot(struct btns_slot *s, uint64_t from, uint64_t to)
{
    return __atomic_compare_exchange_n(&s->state, &from, to, false, __ATOMIC_SEQ_CST,
                                       __ATOMIC_RELAXED);
}

static struct btns_slot *ring_slot_of(struct btns_ring *ring, uint64_t at)
{
    return &ring->slot[at % BTNS_RING_SLOTS];
}

/*
 * btnsd, on another processor, wrote last to the next slot: fetching its cache line now makes the
 * next message faster.
 */
static void fetch_ring_slot(struct btns_slot *s)
{
    __builtin_prefetch(s, 1);
    __builtin_prefetch((char *)(s + 1) - 1, 1);
}

bool ring_is_read(link_name link)
{
    const struct btns_ring *ring = ring_of(link);
    return ring && is_ring_read(ring);
}

bool ring_count_accepted(link_name link)
{
    struct btns_ring *ring = ring_of(link);
    if (!ring)
        return false;
    __atomic_add_fetch(&ring->accepted, 1, __ATOMIC_SEQ_CST);
    return is_ring_read(ring);
}

bool ring_put(link_name link, const struct btns_flow *flow)
{
    struct btns_ring *ring = ring_of(link);
    if (!ring || !is_ring_read(ring))
        return false;
    uint64_t at = __atomic_fetch_add(&ring->next, 1, __ATOMIC_RELAXED);
    struct btns_slot *s = ring_slot_of(ring, at);
    if (!change_ring_slot(s, BTNS_SLOT_FREE, BTNS_SLOT_BUSY))
        return false;
    fill_ring_slot(s, flow);
    fetch_ring_slot(ring_slot_of(ring, at + 1));
    return is_ring_read(ring) || !change_ring_slot(s, BTNS_SLOT_FULL, BTNS_SLOT_FREE);
}
