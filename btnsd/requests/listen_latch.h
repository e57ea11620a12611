/* Makes the latch of a listening or an accepted socket. */
#ifndef BTNS_REQUESTS_LISTEN_LATCH_H
#define BTNS_REQUESTS_LISTEN_LATCH_H

#include "btnsd/requests/table.h"

/* sure: the socket was passed to btnsd. NULL: out of memory, or the user has too many. */
struct latch *listen_latch(struct btnsd *d, const struct request *r, uint64_t cookie, bool sure,
                           const char *program, const char *rule);

#endif
