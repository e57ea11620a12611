/* Non-blocking connections that btnsd may yet fail: telling the person why when it did. */
#ifndef SHIM_WHY_H
#define SHIM_WHY_H

#include "libapi/wire/addr.h"

/* A connection in the background has begun on the socket with this cookie. */
void why_watch(uint64_t cookie, const struct btns_addr *remote);
/* The program looks at the outcome. If the connection failed: says why, once, and returns btnsd's
 * errno for it. 0: it did not fail, or not because of btnsd. */
int why_failed(int fd);
/* A connect() to `remote` that was allowed has failed: the same for it. */
int why_refused(int fd, const struct btns_addr *remote);
/* The program closes the socket, perhaps without having looked. */
void why_closing(int fd);

#endif
