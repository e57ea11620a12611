/* Memory that a program shares with btnsd for its one-way messages; see struct btns_ring. */
#include "btnsd/server/shared_ring.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/vfs.h>

_Static_assert(sizeof(struct btns_ring) == BTNS_RING_SIZE, "the ring fills its file");
_Static_assert(BTNS_RING_SEALS == (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW), "as fcntl has them");

/*
 * Only files that memfd_create() made can have these seals. Huge pages are refused: the system may
 * have none left when btnsd reads.
 */
static bool is_shared_ring_sound(int fd)
{
    struct statfs fs;
    struct stat st;
    int seals = fcntl(fd, F_GET_SEALS);
    return seals >= 0 && (seals & BTNS_RING_SEALS) == BTNS_RING_SEALS && !fstatfs(fd, &fs) &&
           fs.f_type == TMPFS_MAGIC && !fstat(fd, &st) && st.st_size == BTNS_RING_SIZE;
}

struct btns_ring *shared_ring_map(int fd)
{
    if (!is_shared_ring_sound(fd))
        return NULL;
    void *p = mmap(NULL, BTNS_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return p == MAP_FAILED ? NULL : p;
}

void shared_ring_unmap(struct btns_ring *r)
{
    if (r)
        munmap(r, BTNS_RING_SIZE);
}

void shared_ring_set_reader(struct btns_ring *r, uint64_t btnsd)
{
    __atomic_store_n(&r->reader, btnsd, __ATOMIC_SEQ_CST);
    atomic_thread_fence(memory_order_seq_cst);
}

uint64_t shared_ring_accepted(const struct btns_ring *r)
{
    return __atomic_load_n(&r->accepted, __ATOMIC_SEQ_CST);
}

_Static_assert(sizeof(struct btns_flow) % sizeof(uint64_t) == 0, "a message is whole words");

bool shared_ring_take(struct btns_ring *r, unsigned slot, struct btns_flow *flow)
{
    enum { WORDS = sizeof *flow / sizeof(uint64_t) };
    struct btns_slot *s = &r->slot[slot % BTNS_RING_SLOTS];
    uint64_t word[WORDS], full = BTNS_SLOT_FULL;
    if (__atomic_load_n(&s->state, __ATOMIC_RELAXED) != BTNS_SLOT_FULL ||
        !__atomic_compare_exchange_n(&s->state, &full, BTNS_SLOT_BUSY, false, __ATOMIC_SEQ_CST,
                                     __ATOMIC_RELAXED))
        return false;
    for (int i = 0; i < WORDS; i++)
        word[i] = __atomic_load_n((uint64_t *)&s->flow + i, __ATOMIC_RELAXED);
    __atomic_store_n(&s->state, BTNS_SLOT_FREE, __ATOMIC_RELEASE);
    memcpy(flow, word, sizeof *flow);
    return true;
}
