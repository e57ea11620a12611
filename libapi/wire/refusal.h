/*
 * The errno with which a refused call fails, for each kind of refusal. Most programs show nothing
 * but its text, so it has to be an errno that they have a text for; the precise reason is in the
 * verdict's text (standard error, btnsctl latches, libbtns).
 *
 * Candidates for a connection without protection:
 * - ENOKEY: node prints "Unknown system error -126" (libuv has no name for it).
 * - EHOSTUNREACH: known everywhere, but makes people look at their routes.
 * - EACCES: a BindException in Java, and already used for a rule that discards (RFC 3838, 5.3).
 * - EPERM: known to libuv, Java, Go, Python and the shells. connect(2) returns it for a local
 *   firewall, and the kernel returns it where a floor blocks the packet.
 */
#ifndef BTNS_LIBAPI_WIRE_REFUSAL_H
#define BTNS_LIBAPI_WIRE_REFUSAL_H

#include <errno.h>

enum refusal_errno {
    ERRNO_DISCARDED = EACCES,   /* a rule discards the connection */
    ERRNO_UNPROTECTED = EPERM,  /* protection, or this peer, is demanded but not available */
    ERRNO_NOT_ALLOWED = EPERM,  /* the program asked for less than the rule allows */
    ERRNO_NO_DAEMON = ENETDOWN, /* btnsd cannot be reached, so the rules are not known */
};

#endif
