/* Asks btnsd before a connect(), or before a datagram is sent. */
#ifndef BTNS_LIBAPI_LIBRARY_ASK_CALL_H
#define BTNS_LIBAPI_LIBRARY_ASK_CALL_H

#include "libapi/library/ask_btnsd.h"
#include "libapi/library/thread.h"

/*
 * Has btnsd shut or limited the socket? Its socket filter shows that: without a filter no question
 * is needed, and the system's call is made. If the program has a filter of its own, btnsd is asked
 * in vain.
 */
bool ask_call_is_shut(int fd);
/* Is fd an IPv4 or IPv6 socket? */
bool ask_call_is_inet(int fd);
/*
 * Turns "btnsd knows of no policy" into success: the filter was the program's own. A socket that
 * btnsd has shut stays shut.
 */
int ask_call_unless_unknown(int fd, int rc);
int ask_connect(const char *call, int fd, const struct sockaddr *addr, socklen_t len);
/*
 * m: the policy and peer set for the datagram; NULL: none, so its socket's policy counts. flags: as
 * for sendmsg().
 */
int ask_send_to(const char *call, int fd, const struct sockaddr *addr, socklen_t len, int flags,
                const struct thread_msg *m);

#endif
