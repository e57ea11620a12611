/* What btnsd and a program share in memory: the epoch page, and a ring of one-way messages. */
#ifndef BTNS_LIBAPI_WIRE_SHARED_MEMORY_H
#define BTNS_LIBAPI_WIRE_SHARED_MEMORY_H

#include "libapi/wire/questions.h"

/*
 * The epoch page: one page of shared memory, read-only for clients. A cached verdict holds while
 * `epoch` is the value that it was made with; 0: no cached verdict holds. A client that relies on
 * one first sends BTNS_MSG_CONNECTING, then compares the epoch. btnsd first moves the epoch, then
 * reads every waiting message, and only then takes a guard away.
 */
struct btns_page {
    uint64_t epoch;
    uint64_t btnsd; /* which btnsd it is: a random number, never 0 */
    /* a robust futex of btnsd's, held as long as btnsd runs: the kernel clears its thread id when
       btnsd dies */
    uint32_t owner;
    uint32_t rest[19]; /* of the lock */
};

#define BTNS_PAGE_OWNER 0x3fffffffu /* FUTEX_TID_MASK: these bits of .owner are 0: no btnsd */

/*
 * One-way messages in memory that a program shares with btnsd, so that a warm connect() needs no
 * system call to announce itself. Both ends write to it, and neither believes in it: a message
 * found here counts as much as one sent over the link that the ring was offered on, by the process
 * that offered it (PROTOCOL.md).
 */
enum btns_slot_state {
    BTNS_SLOT_FREE,
    BTNS_SLOT_BUSY, /* somebody writes it, or reads it */
    BTNS_SLOT_FULL, /* for btnsd; the writer may take it back */
};

struct btns_slot {
    uint64_t state; /* enum btns_slot_state */
    uint64_t pad;
    struct btns_flow flow; /* CONNECTING or ACCEPTED */
};

#define BTNS_RING_SLOTS 340
#define BTNS_RING_SIZE  32768 /* of the file: whole pages */
#define BTNS_RING_SEALS 0x7   /* F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW: it cannot be cut */

struct btns_ring {
    uint64_t
        reader;    /* the number of the btnsd that looks into it now; 0: none does, send instead */
    uint64_t next; /* counts up: where the next writer looks for a free slot */
    uint64_t pad[14];
    struct btns_slot slot[BTNS_RING_SLOTS];
};

#endif
