/* The question before a connect(), or before a datagram is sent. */
#ifndef BTNS_LIBAPI_LIBRARY_ASK_CALL_H
#define BTNS_LIBAPI_LIBRARY_ASK_CALL_H

#include "libapi/library/ask_btnsd.h"
#include "libapi/library/thread.h"

/*
 * Has btnsd shut the socket, or limited it (or the program a filter of its own, which btnsd then is
 * asked about)? By its filter: who sees none needs no question, and the call is the system's own.
 */
bool socket_is_shut(int fd);
/* Is it a socket of IPv4 or IPv6? */
bool socket_is_inet(int fd);
/* Only a filter of the program's own: btnsd knows of no policy. What btnsd shut stays shut. */
int unless_unknown(int fd, int rc);
int ask_connect(const char *call, int fd, const struct sockaddr *addr, socklen_t len);
/* m: what is set for the datagram, or NULL: what its socket has counts. flags: of sendmsg(). */
int ask_send_to(const char *call, int fd, const struct sockaddr *addr, socklen_t len, int flags,
                const struct thread_msg *m);

#endif
