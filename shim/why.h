/* Non-blocking connections: tells the person why btnsd ended one. */
#ifndef SHIM_WHY_H
#define SHIM_WHY_H

#include "libapi/wire/addr.h"

/* Watches the socket with this cookie, on which a connection in the background has begun. */
void why_watch(uint64_t cookie, const struct btns_addr *remote);
/*
 * Call when the program looks at the connection's outcome. If btnsd ended the connection, says why,
 * once, and returns btnsd's errno. Returns 0 if the connection did not fail or failed for another
 * reason.
 */
int why_failed(int fd);
/* The same for a connect() to `remote` that btnsd had allowed and that has failed. */
int why_refused(int fd, const struct btns_addr *remote);
/* Call before the program closes the socket, perhaps without having looked at the outcome. */
void why_closing(int fd);

#endif
