/* Sends one question about a socket to btnsd and waits for the verdict. */
#include "shim/ask.h"

#include "shim/channel.h"
#include "shim/interrupt.h"
#include "shim/pending.h"
#include "shim/raw.h"
#include "shim/settings.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static void because(struct ask *a, const char *what, int error)
{
    const char *path = settings()->daemon.sun_path;
    if (error)
        snprintf(a->why, sizeof a->why, "%s (%s: %s)", what, path, strerrordesc_np(error));
    else
        snprintf(a->why, sizeof a->why, "%s (%s)", what, path);
}

static int open_channel(struct ask *a)
{
    int fd = channel_open(true);
    if (fd >= 0)
        return fd;
    if (fd == -EMFILE || fd == -ENFILE) {
        because(a, "no descriptor is left to ask btnsd with", -fd);
        a->advice = "raise the limit (ulimit -n)";
    } else if (fd == -EPERM) {
        because(a, "whoever answers in btnsd's place is not root", 0);
    } else if (fd == -ENOENT || fd == -ECONNREFUSED) {
        because(a, "btnsd is not running", -fd);
        a->advice = "start it (systemctl start btnsd)";
    } else {
        because(a, "btnsd cannot be reached", -fd);
    }
    return fd;
}

static void attach(struct msghdr *msg, struct cmsghdr *c, int fd)
{
    *c = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
    msg->msg_control = c;
    msg->msg_controllen = CMSG_SPACE(sizeof fd);
}

static long send_question(int fd, struct ask *a)
{
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {&a->flow, sizeof a->flow};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (a->fd >= 0)
        attach(&msg, &control.align, a->fd);
    long rc;
    do
        rc = RAW(sendmsg, fd, &msg, MSG_NOSIGNAL);
    while (rc == -EINTR);
    return rc;
}

/* Keeps the first descriptor of a message and closes the others. */
static void take_descriptors(struct msghdr *msg, int *page)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
            if (*page < 0)
                *page = fd;
            else
                channel_close(fd);
        }
    }
}

static bool is_answer(const struct ask *a, long len)
{
    const struct btns_verdict_msg *r = &a->reply;
    return len == (long)sizeof *r && r->hdr.version == BTNS_WIRE_VERSION &&
           r->hdr.type == BTNS_REP_VERDICT && r->hdr.id == a->flow.hdr.id &&
           r->cookie == a->flow.cookie && r->verdict >= BTNS_V_CLEAR && r->verdict <= BTNS_V_DENIED;
}

static enum ask_end receive(int fd, struct ask *a)
{
    union {
        char bytes[CMSG_SPACE(4 * sizeof(int))];
        struct cmsghdr align;
    } control;
    char excess; /* filled only by a message that is too long */
    struct iovec iov[] = {{&a->reply, sizeof a->reply}, {&excess, 1}};
    struct msghdr msg = {
        .msg_iov = iov, .msg_iovlen = 2, .msg_control = &control, .msg_controllen = sizeof control};
    long len = RAW(recvmsg, fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (len >= 0)
        take_descriptors(&msg, &a->page);
    a->reply.text[sizeof a->reply.text - 1] = '\0';
    if (is_answer(a, len))
        return ASK_ANSWERED;
    if (len > 0)
        because(a, "btnsd gave an answer that makes no sense: is it of another version?", 0);
    else
        because(a, "btnsd went away without an answer", 0);
    return ASK_AWAY;
}

static int64_t milliseconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static enum ask_end wait_for_answer(int fd, struct ask *a)
{
    int64_t end = milliseconds() + a->limit;
    for (;;) {
        int64_t left = end - milliseconds();
        if (left < 0)
            left = 0;
        struct timespec timeout = {left / 1000, left % 1000 * 1000000};
        struct pollfd p = {.fd = fd, .events = POLLIN};
        long rc = RAW(ppoll, &p, 1, &timeout, NULL, 0);
        if (rc > 0)
            return receive(fd, a);
        if (rc == 0)
            break;
        if (rc != -EINTR) {
            because(a, "waiting for btnsd failed", (int)-rc);
            return ASK_AWAY;
        }
        if (a->interruptible && interrupt_ends_connect())
            return ASK_INTERRUPTED;
    }
    because(a, "btnsd did not answer in time", 0);
    return ASK_LATE;
}

enum ask_end ask(struct ask *a)
{
    enum ask_end end = ASK_AWAY;
    a->page = -1;
    a->advice = "see what ails it (systemctl status btnsd)";
    int fd = open_channel(a);
    if (fd < 0)
        return ASK_AWAY;
    struct pending before = pending_begin(fd, (uintptr_t)__builtin_frame_address(0));
    long rc = send_question(fd, a);
    if (rc == (long)sizeof a->flow)
        end = wait_for_answer(fd, a);
    else
        because(a, "btnsd cannot be asked", (int)-rc);
    pending_end(before);
    channel_close(fd);
    return end;
}
