/* Asks btnsd one question over a connection of its own; nothing is kept between calls. */
#include "libapi/library/ask_btnsd.h"

#include "libapi/library/system_calls.h"
#include "libapi/wire/passing.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define SOON    10000 /* ms: the limit for a question that btnsd answers at once */
#define PATIENT 65000 /* ms: the limit for connect(): longer than any rule's time limit */

/* As in the shim, a set-user-ID program ignores its caller's environment. */
static const char *btnsd_socket_path(void)
{
    const char *path = secure_getenv("BTNS_SOCKET_PATH");
    return path && *path && strlen(path) < sizeof((struct sockaddr_un *)0)->sun_path ? path
                                                                                     : BTNS_SOCKET;
}

/* Returns IPPROTO_TCP or IPPROTO_UDP, or -1 with errno. */
static int ask_socket_transport(const char *call, int fd)
{
    int domain = 0, type = 0, protocol = 0;
    socklen_t len = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len))
        return thread_fail(errno, "%s: %s", call, strerrordesc_np(errno));
    if (domain != AF_INET && domain != AF_INET6)
        return thread_fail(EAFNOSUPPORT, "%s: the socket is neither of IPv4 nor of IPv6", call);
    bool known = !getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) &&
                 !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) &&
                 ((type == SOCK_STREAM && protocol == IPPROTO_TCP) ||
                  (type == SOCK_DGRAM && protocol == IPPROTO_UDP));
    return known ? protocol
                 : thread_fail(EPROTONOSUPPORT, "%s: only TCP and UDP can be protected", call);
}

int ask_need_transport(const char *call, int fd)
{
    return ask_socket_transport(call, fd) < 0 ? -1 : 0;
}

bool ask_is_datagram_socket(int fd)
{
    int protocol = 0, saved = errno;
    socklen_t len = sizeof protocol;
    bool udp = !getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &protocol, &len) && protocol == IPPROTO_UDP;
    errno = saved;
    return udp;
}

/*
 * Moves the descriptor away from 0, 1 and 2, which a program may have closed and expects to get
 * next.
 */
static int btnsd_fd_above_two(int fd)
{
    if (fd < 0 || fd > 2)
        return fd;
    int high = fcntl(fd, F_DUPFD_CLOEXEC, 3), error = errno;
    close(fd);
    errno = error;
    return high;
}

static int ask_is_btnsd_root(int fd, const char *path)
{
    struct ucred peer;
    socklen_t len = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len))
        return 0;
    return !peer.uid || (strcmp(path, BTNS_SOCKET) && peer.uid == geteuid());
}

int ask_open(const char *call)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    const char *path = btnsd_socket_path();
    int fd = btnsd_fd_above_two(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
    if (fd < 0) {
        int error = errno == EMFILE || errno == ENFILE || errno == ENOMEM ? errno : ENETDOWN;
        return thread_fail(error, "%s: no descriptor to ask btnsd with: %s", call,
                           strerrordesc_np(errno));
    }
    memcpy(to.sun_path, path, strlen(path));
    if (system_call_connect(fd, (const struct sockaddr *)&to, sizeof to)) {
        thread_fail(
            ENETDOWN,
            "%s: btnsd is not running, or cannot be reached (%s: %s): systemctl start btnsd", call,
            path, strerrordesc_np(errno));
    } else if (!ask_is_btnsd_root(fd, path)) {
        thread_fail(ENETDOWN, "%s: what answers on btnsd's socket (%s) is not root's", call, path);
    } else {
        return fd;
    }
    close(fd);
    errno = ENETDOWN;
    return -1;
}

static int64_t ask_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct handover {
    int channel;
    const struct msghdr *msg;
    int64_t end;
};

static long send_to_btnsd(void *arg)
{
    const struct handover *h = arg;
    ssize_t n = system_call_sendmsg(h->channel, h->msg, MSG_NOSIGNAL);
    return n < 0 ? -errno : n;
}

/* Signals do not end the wait, as below. */
static long pause_ask_handover(void *arg)
{
    const struct handover *h = arg;
    poll(NULL, 0, PASS_AGAIN_MS);
    return ask_clock_ms() < h->end ? 0 : -ETIME;
}

int ask_send(const char *call, int channel, enum btns_type type, int fd, const void *attrs,
             size_t len)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct btns_hdr h = {BTNS_API_ASKED, (uint16_t)type, 1};
    struct iovec iov[] = {{&h, sizeof h}, {(void *)(uintptr_t)attrs, len}};
    struct msghdr m = {.msg_iov = iov,
                       .msg_iovlen = len ? 2 : 1,
                       .msg_control = &control,
                       .msg_controllen = sizeof control};
    control.align = (struct cmsghdr){CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
    struct handover handover = {channel, &m, ask_clock_ms() + SOON};
    long n = pass_when_allowed(&(struct passing){send_to_btnsd, pause_ask_handover, &handover});
    if (n == (long)(sizeof h + len))
        return 0;
    return thread_fail(n == -EBADF ? EBADF : ENETDOWN, "%s: btnsd cannot be asked: %s", call,
                       n < 0 ? strerrordesc_np((int)-n) : "the question was cut off");
}

/* Signals do not end the wait, because btnsd would have to undo the interrupted request. */
static bool is_btnsd_readable(int fd, int ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    const int64_t end = ask_clock_ms() + ms;
    int rc;
    do {
        int64_t left = end - ask_clock_ms();
        rc = poll(&p, 1, left > 0 ? (int)left : 0);
    } while (rc < 0 && errno == EINTR);
    return rc > 0;
}

int ask_answer_error(const char *call, const void *list, size_t len)
{
    struct attr a;
    uint32_t error = 0;
    char text[512] = "";
    if (!attrs_sound(list, len) || !attrs_find(list, len, BTNS_API_ERROR, &a) ||
        !attr_u32(&a, &error) || error > INT16_MAX)
        return thread_fail(EPROTO, "%s: btnsd gave an answer that this libbtns does not understand",
                           call);
    if (!error)
        return 0;
    if (!attrs_find(list, len, BTNS_API_TEXT, &a) || !attr_text(&a, text, sizeof text))
        snprintf(text, sizeof text, "%s",
                 strerrordesc_np((int)error) ? strerrordesc_np((int)error) : "?");
    return thread_fail((int)error, "%s: %s", call, text);
}

int ask_receive(const char *call, int channel, int patience, struct answer *a)
{
    struct btns_hdr h;
    if (!is_btnsd_readable(channel, patience))
        return thread_fail(ENETDOWN, "%s: btnsd did not answer in time", call);
    a->message = malloc(BTNS_API_MAX);
    if (!a->message)
        return thread_finish(-ENOMEM, call);
    ssize_t n = recv(channel, a->message, BTNS_API_MAX, MSG_TRUNC);
    if (n <= 0) /* an older btnsd closes the connection when it does not know a request */
        return thread_fail(
            n ? ENETDOWN : EPROTO,
            "%s: btnsd closed the connection without an answer: is it older than this libbtns?",
            call);
    memcpy(&h, a->message, sizeof h);
    if (n < (ssize_t)sizeof h || n > BTNS_API_MAX || h.type != BTNS_API_ANSWER || h.version < 1 ||
        h.version > BTNS_API_VERSION)
        return thread_fail(EPROTO, "%s: btnsd gave an answer that this libbtns does not understand",
                           call);
    a->list = a->message + sizeof h;
    a->len = (size_t)n - sizeof h;
    return ask_answer_error(call, a->list, a->len);
}

static int ask_uncancelled(const char *call, enum btns_type type, int fd, const void *attrs,
                           size_t len, struct answer *a)
{
    struct answer own = {0};
    int channel = ask_open(call);
    if (channel < 0)
        return -1;
    int rc = ask_send(call, channel, type, fd, attrs, len);
    if (!rc)
        rc = ask_receive(call, channel, type == BTNS_API_CONNECT ? PATIENT : SOON, &own);
    int error = errno;
    close(channel);
    if (rc || !a)
        ask_answer_free(&own);
    else
        *a = own;
    errno = error;
    return rc;
}

int ask_btnsd(const char *call, enum btns_type type, int fd, const void *attrs, size_t len,
              struct answer *a)
{
    int before = ask_cancel_off();
    int rc = ask_uncancelled(call, type, fd, attrs, len, a);
    ask_cancel_back(before);
    return rc;
}

int ask_cancel_off(void)
{
    int before = PTHREAD_CANCEL_ENABLE;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
    return before;
}

void ask_cancel_back(int before)
{
    int ignored;
    pthread_setcancelstate(before, &ignored);
}

void ask_answer_free(struct answer *a)
{
    free(a->message);
    *a = (struct answer){0};
}
