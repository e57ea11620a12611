/* The memory that btnsd and a program share: the epoch page, and a ring of one-way messages. */
#ifndef BTNS_LIBAPI_WIRE_SHARED_MEMORY_H
#define BTNS_LIBAPI_WIRE_SHARED_MEMORY_H

#include "libapi/wire/questions.h"

/*
 * The epoch page: one page of shared memory, read-only for clients. A cached verdict is valid while
 * `epoch` has the value with which the verdict was made; 0: no cached verdict is valid. A client
 * that relies on one first sends BTNS_MSG_CONNECTING, then compares the epoch. btnsd first changes
 * the epoch, then reads every waiting message, and only then removes a guard.
 */
struct btns_page {
    uint64_t epoch;
    uint64_t btnsd; /* identifies this run of btnsd: a random number, never 0 */
    /*
     * A robust futex that btnsd holds as long as it runs: when btnsd dies, the kernel clears the
     * thread id in it.
     */
    uint32_t owner;
    uint32_t rest[19]; /* of the lock */
};

#define BTNS_PAGE_OWNER 0x3fffffffu /* FUTEX_TID_MASK: 0 in these bits of .owner: no btnsd */

/*
 * A ring of one-way messages in memory that a program shares with btnsd, so that a warm connect()
 * can announce itself without a system call. Both ends write to it, and neither trusts it: a
 * message found here counts as much as one that the offering process sends over the link on which
 * it offered the ring (PROTOCOL.md).
 */
enum btns_slot_state {
    BTNS_SLOT_FREE,
    BTNS_SLOT_BUSY, /* being written, or being read */
    BTNS_SLOT_FULL, /* has a message for btnsd; the writer may take it back */
};

struct btns_slot {
    uint64_t state; /* enum btns_slot_state */
    uint64_t pad;
    struct btns_flow flow; /* CONNECTING or ACCEPTED */
};

#define BTNS_RING_SLOTS 340
#define BTNS_RING_SIZE  32768 /* the file's size: whole pages */
#define BTNS_RING_SEALS 0x7   /* F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW: of fixed size */

struct btns_ring {
    uint64_t reader; /* number of the btnsd that reads the ring; 0: none, so use the link */
    uint64_t next;   /* counts up: where the next writer begins to look for a free slot */
    /* counts connections that the program has accepted; btnsd asks the kernel which they are */
    uint64_t accepted;
    uint64_t pad[13];
    struct btns_slot slot[BTNS_RING_SLOTS];
};

#endif
