/* A descriptor that reports what happens to the latches of sockets. */
#include "libapi/library/ask_btnsd.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/*
 * Looks at the first message: an event, which is left to be read, or an answer that says why there
 * are none.
 */
static int first_watch_message(const char *call, int watch)
{
    union {
        struct btns_hdr hdr;
        unsigned char bytes[4096];
    } m;
    struct timeval soon = {10, 0}, never = {0, 0};
    setsockopt(watch, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof soon);
    ssize_t n;
    do
        n = recv(watch, &m, sizeof m, MSG_PEEK);
    while (n < 0 && errno == EINTR);
    setsockopt(watch, SOL_SOCKET, SO_RCVTIMEO, &never, sizeof never);
    if (n >= (ssize_t)sizeof m.hdr && m.hdr.type == BTNS_API_EVENT)
        return 0;
    if (n >= (ssize_t)sizeof m.hdr && m.hdr.type == BTNS_API_ANSWER)
        return ask_answer_error(call, &m.hdr + 1, (size_t)n - sizeof m.hdr);
    return thread_fail(n ? ENETDOWN : EPROTO,
                       "%s: btnsd does not answer, or is older than this libbtns", call);
}

/* btnsd checks the same, but answers only about the first socket. */
static int need_watchable_socket(const char *call, int fd)
{
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    if (ask_need_transport(call, fd))
        return -1;
    return ask_is_datagram_socket(fd) && getpeername(fd, (struct sockaddr *)&peer, &len)
               ? thread_fail(errno, "%s: a datagram socket has to be connected", call)
               : 0;
}

static int open_watch(const char *call, int fd)
{
    int watch = need_watchable_socket(call, fd) ? -1 : ask_open(call);
    if (watch < 0)
        return -1;
    if (!ask_send(call, watch, BTNS_API_WATCH, fd, NULL, 0) && !first_watch_message(call, watch))
        return watch;
    int error = errno;
    close(watch);
    errno = error;
    return -1;
}

EXPORT int ipsec_watch(int fd)
{
    int cancel = ask_cancel_off();
    int watch = open_watch("ipsec_watch", fd);
    ask_cancel_back(cancel);
    return watch;
}

EXPORT int ipsec_watch_add(int watch, int fd)
{
    static const char call[] = "ipsec_watch_add";
    return need_watchable_socket(call, fd) || ask_send(call, watch, BTNS_API_WATCH, fd, NULL, 0)
               ? -1
               : 0;
}

static void take_watch_event(struct ipsec_event *e, const void *list, size_t len)
{
    struct attr a;
    struct ipsec_event whole = {.size = e->size};
    if (attrs_find(list, len, BTNS_API_KIND, &a))
        attr_u32(&a, &whole.kind);
    if (attrs_find(list, len, IPSEC_CHANNEL_STATE, &a))
        attr_u32(&a, &whole.state);
    if (attrs_find(list, len, IPSEC_CHANNEL_REASON_CODE, &a))
        attr_u32(&a, &whole.reason);
    if (attrs_find(list, len, BTNS_API_COOKIE, &a))
        attr_u64(&a, &whole.cookie);
    if (attrs_find(list, len, BTNS_API_TIME, &a))
        attr_u64(&a, &whole.time);
    memcpy(e, &whole, e->size < sizeof whole ? e->size : sizeof whole);
}

EXPORT int ipsec_read_event(int watch, struct ipsec_event *event)
{
    static const char call[] = "ipsec_read_event";
    union {
        struct btns_hdr hdr;
        unsigned char bytes[4096];
    } m;
    if (!event || event->size < offsetof(struct ipsec_event, reserved))
        return thread_fail(EINVAL, "%s: NULL, or a size that no version had", call);
    ssize_t n;
    do
        n = recv(watch, &m, sizeof m, MSG_DONTWAIT);
    while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN)
        return 0;
    if (n < 0)
        return thread_fail(errno == ECONNRESET ? EPIPE : errno, "%s: %s", call,
                           strerrordesc_np(errno));
    if (!n)
        return thread_fail(EPIPE, "%s: btnsd is gone", call);
    if (n >= (ssize_t)sizeof m.hdr && m.hdr.type == BTNS_API_ANSWER &&
        ask_answer_error(call, &m.hdr + 1, (size_t)n - sizeof m.hdr))
        return -1; /* the answer to ipsec_watch_add(), which does not wait for it */
    if (n < (ssize_t)sizeof m.hdr || m.hdr.type != BTNS_API_EVENT ||
        !attrs_sound(&m.hdr + 1, (size_t)n - sizeof m.hdr))
        return thread_fail(EPROTO, "%s: btnsd sent what this libbtns does not understand", call);
    take_watch_event(event, &m.hdr + 1, (size_t)n - sizeof m.hdr);
    return 1;
}
