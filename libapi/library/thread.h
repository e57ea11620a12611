/* What each thread keeps: the words for its last failure, and the msghdrs that it set something
 * for. */
#ifndef BTNS_LIBAPI_LIBRARY_THREAD_H
#define BTNS_LIBAPI_LIBRARY_THREAD_H

#include "libapi/library/object.h"

#define THREAD_MSGS 8
#define REASON_MAX  512

struct thread_msg {
    const struct msghdr *msg; /* NULL: free */
    ipsec_policy_t *policy;
    ipsec_channel_info_t *expected;
    ipsec_channel_info_t *channel; /* the peer of the last call */
    bool unknown;                  /* instead: who sent the last datagram cannot be told */
    unsigned long used;
};

struct thread {
    char reason[REASON_MAX];
    unsigned long refusals; /* of the shim, when that was written */
    struct thread_msg msg[THREAD_MSGS];
    unsigned long clock;
    void (*forget)(struct thread *t); /* frees the messages; NULL: none is set */
};

struct thread *thread_find(void); /* NULL: this thread has nothing yet */
struct thread *thread_get(void);  /* NULL: no memory */

/* Is the shim preloaded? */
bool shim_is_there(void);
/* Before a call of the system, which the shim may refuse: what reason_none() has to know. */
unsigned long reason_mark(void);
/* The call has failed. Without words, unless the shim has refused it. */
void reason_none(unsigned long mark);

#endif
