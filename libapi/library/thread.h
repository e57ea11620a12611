/* The state of each thread: the reason of its last failure, and what it has set for msghdrs. */
#ifndef BTNS_LIBAPI_LIBRARY_THREAD_H
#define BTNS_LIBAPI_LIBRARY_THREAD_H

#include "libapi/library/object.h"

#define THREAD_MSGS 8
#define REASON_MAX  512

struct thread_msg {
    const struct msghdr *msg; /* NULL: the entry is free */
    ipsec_policy_t *policy;
    ipsec_channel_info_t *expected;
    ipsec_channel_info_t *channel; /* the peer of the last call */
    bool unknown; /* the sender of the last datagram cannot be determined; .channel is NULL */
    unsigned long used;
};

struct thread {
    char reason[REASON_MAX];
    unsigned long refusals; /* the shim's number of refusals when .reason was written */
    struct thread_msg msg[THREAD_MSGS];
    unsigned long clock;
    void (*forget)(struct thread *t); /* frees the messages; NULL: there are none */
};

struct thread *thread_find(void); /* NULL: nothing is stored for this thread yet */
struct thread *thread_get(void);  /* NULL: no memory */

/* Is the shim preloaded? */
bool thread_has_shim(void);
/* Call before a system call that the shim may refuse; pass the result to thread_reason_none(). */
unsigned long thread_reason_mark(void);
/*
 * Call when the system's call has failed: clears the reason, unless the shim has refused the call.
 */
void thread_reason_none(unsigned long mark);

#endif
