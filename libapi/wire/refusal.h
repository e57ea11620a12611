/*
 * The errno that a call fails with, for each kind of refusal. Most programs show nothing else, so
 * it has to be one that they have words for; the precise reason is in the verdict's text (standard
 * error, btnsctl latches, libbtns).
 *
 * Of those that would fit a connection without protection:
 * - ENOKEY: node says "Unknown system error -126" (libuv has no name for it).
 * - EHOSTUNREACH: known everywhere, and sends people to look at their routes.
 * - EACCES: a BindException in Java; and a rule that discards has it (RFC 3838, 5.3).
 * - EPERM: known to libuv, Java, Go, Python and the shells. connect(2) gives it for a local
 *   firewall, and the kernel where a floor blocks the packet.
 */
#ifndef BTNS_LIBAPI_WIRE_REFUSAL_H
#define BTNS_LIBAPI_WIRE_REFUSAL_H

#include <errno.h>

enum refusal_errno {
    ERRNO_DISCARDED = EACCES,   /* a rule discards the connection */
    ERRNO_UNPROTECTED = EPERM,  /* protection, or this peer, is demanded, and there is none */
    ERRNO_NOT_ALLOWED = EPERM,  /* the program asked for less than the rule allows it to */
    ERRNO_NO_DAEMON = ENETDOWN, /* btnsd is away: the rules are not known */
};

#endif
