/* Decides whether a call may send: shared by sendto(), sendmsg() and sendmmsg(). */
#include "shim/sending.h"

#include "libapi/wire/protocol.h"
#include "libapi/wire/refusal.h"
#include "shim/connect_refused.h"
#include "shim/datagram_parts.h"
#include "shim/diversions.h"
#include "shim/known.h"
#include "shim/last_reason.h"
#include "shim/permit.h"
#include "shim/say.h"
#include "shim/sock.h"

#include <errno.h>

/* Defined by libbtns; NULL if the program is not linked with it. */
extern int btns_private_may_send(int fd, const struct msghdr *msg, int flags)
    __attribute__((weak, visibility("default")));

bool send_library_allows(int fd, const struct msghdr *msg, int flags)
{
    return !btns_private_may_send || !btns_private_may_send(fd, msg, flags);
}

enum sends sends_probably(int fd)
{
    return known_is_stream(fd) ? SENDS_STREAM : known_is_other(fd) ? SENDS_OTHER : SENDS_DATAGRAMS;
}

enum sends sends_what(int fd)
{
    uint64_t mark = known_mark(fd);
    enum sends sends = sends_probably(fd);
    if (sends != SENDS_DATAGRAMS || known_datagrams(fd))
        return sends;
    int protocol = sock_protocol(fd);
    if (!protocol) {
        if (sock_cookie(fd)) /* if there is no socket at all, the number may get one later */
            known_other(fd, mark);
        return SENDS_OTHER;
    }
    if (protocol_is_datagrams(protocol)) {
        known_has_datagrams(fd, mark);
        return SENDS_DATAGRAMS;
    }
    known_streams(fd, mark);
    return SENDS_STREAM;
}

bool sends_to_open(int fd, int flags)
{
    return (flags & MSG_FASTOPEN) && !protocol_is_datagrams(sock_protocol(fd));
}

bool send_is_diverted(int fd, const struct msghdr *msg)
{
    if (!msg->msg_control || sends_what(fd) != SENDS_DATAGRAMS)
        return false;
    int saved = errno;
    const char *why = diverts_message(fd, msg);
    errno = saved;
    if (!why)
        return false;
    struct target t;
    target_read_name(&t, fd, msg);
    last_reason_set(why);
    if (t.remote.family || sock_remote(fd, &t.remote))
        say_once(&t.remote, "", why);
    errno = ERRNO_UNPROTECTED;
    return true;
}

enum send_how send_may_go(int fd, struct target *t, int flags)
{
    int error = 0, saved = errno;
    target_unspecified(t, fd);
    if (!t->remote.family)
        return SEND_OTHER;
    enum permit p = permit_send(fd, &t->remote, flags, &error);
    errno = p == PERMIT_REFUSE ? error : saved;
    return p == PERMIT_REFUSE ? SEND_REFUSED : p == PERMIT_OTHER ? SEND_OTHER : SEND_GO;
}

ssize_t sent_or_why(int fd, const struct target *t, ssize_t rc)
{
    if (rc < 0 && errno == EPERM && t->remote.family)
        errno = connect_refused_because(fd, &t->remote, errno);
    return rc;
}

bool send_met_deleted_sa(ssize_t rc)
{
    return rc < 0 && errno == EINVAL && !datagram_parts_sent();
}

bool send_may_open(int fd, const struct target *t)
{
    int error, saved = errno;
    bool may =
        !t->remote.family || permit_connect(fd, &t->remote, PERMIT_HOLD, &error) != PERMIT_REFUSE;
    errno = may ? saved : error;
    return may;
}
