/* One question to btnsd on a connection of its own, and btnsd's answer. */
#include "libapi/client/conversation.h"

#include "libapi/wire/passing.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define ANSWER_SECONDS 10

/*
 * Explains a failed connect() to btnsd's socket to a person who may not know that socket. The
 * refusal is the kernel's, not btnsd's.
 */
static int refuse_conversation(int error, const char *path, struct err *err)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        err_set(err, "btnsd is not running (no %s): systemctl start btnsd, or run btnsd as root",
                path);
        break;
    case ECONNREFUSED:
        err_set(err,
                "btnsd is not running (nobody listens on %s): systemctl start btnsd, "
                "or run btnsd as root",
                path);
        break;
    case EACCES:
    case EPERM:
        err_set(err, "you may not speak to btnsd: no permission to use %s", path);
        break;
    case EAGAIN:
        err_set(err, "btnsd at %s takes no connection: it is overloaded or stuck", path);
        break;
    default:
        err_set(err, "cannot connect to btnsd at %s: %s", path, strerror(error));
    }
    return -ENOTCONN;
}

int open_conversation(struct conversation *c, const char *path, struct err *err)
{
    static uint32_t last_id; /* several threads may ask */
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    const struct timeval patience = {.tv_sec = ANSWER_SECONDS};

    c->fd = -1;
    c->path = path;
    c->id = __atomic_add_fetch(&last_id, 1, __ATOMIC_RELAXED);
    if (strlen(path) >= sizeof un.sun_path) {
        err_set(err, "the socket's path is longer than %zu bytes: %s", sizeof un.sun_path - 1,
                path);
        return -ENAMETOOLONG;
    }
    memcpy(un.sun_path, path, strlen(path));
    c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (c->fd < 0 || setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) ||
        setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience)) {
        int error = errno;
        err_set(err, "cannot make a socket: %s", strerror(error));
        return -error;
    }
    if (connect(c->fd, (const struct sockaddr *)&un, sizeof un))
        return refuse_conversation(errno, path, err);
    return 0;
}

void close_conversation(struct conversation *c)
{
    if (c->fd >= 0)
        close(c->fd);
}

struct handover {
    int fd;
    const struct msghdr *msg;
    int pauses; /* that are left */
};

static long send_over_conversation(void *arg)
{
    const struct handover *h = arg;
    ssize_t n = sendmsg(h->fd, h->msg, MSG_NOSIGNAL);
    return n < 0 ? -errno : n;
}

static long pause_conversation(void *arg)
{
    struct handover *h = arg;
    poll(NULL, 0, PASS_AGAIN_MS);
    return h->pauses-- > 0 ? 0 : -ETIME;
}

int conversation_send(struct conversation *c, struct btns_hdr *msg, size_t len, enum btns_type type,
                      int with, struct err *err)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec iov = {msg, len};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    c->type = type;
    *msg = (struct btns_hdr){.version = BTNS_WIRE_VERSION, .type = (uint16_t)type, .id = c->id};
    if (with >= 0) {
        m.msg_control = &control;
        m.msg_controllen = sizeof control;
        control.align = (struct cmsghdr){CMSG_LEN(sizeof with), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.align), &with, sizeof with);
    }
    struct handover h = {c->fd, &m, 1000 * ANSWER_SECONDS / PASS_AGAIN_MS};
    long n = pass_when_allowed(&(struct passing){send_over_conversation, pause_conversation, &h});
    if (n == (long)len)
        return 0;
    int error = n < 0 ? (int)-n : EMSGSIZE;
    err_set(err, "cannot send to btnsd at %s: %s", c->path, strerror(error));
    return -error;
}

/*
 * Receives and checks one message. MSG_TRUNC returns the true length even of a message that does
 * not fit.
 */
int conversation_receive(const struct conversation *c, union btns_reply *r, struct err *err)
{
    ssize_t n = recv(c->fd, r, sizeof *r, MSG_TRUNC);
    if (n > 0)
        return check_answer(c, r, (size_t)n, err);
    int error = n < 0 ? errno : ECONNRESET;
    if (error == EAGAIN) {
        err_set(err, "btnsd at %s did not answer within %d s", c->path, ANSWER_SECONDS);
        return -ETIMEDOUT;
    }
    if (error == ECONNRESET)
        err_set(err,
                "btnsd at %s closed the connection without an answer: is it of the same release as "
                "this program? Its log says why",
                c->path);
    else
        err_set(err, "cannot read btnsd's answer: %s", strerror(error));
    return -error;
}
