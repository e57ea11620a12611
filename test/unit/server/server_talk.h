/* For the tests of btnsd's socket: clients in this very process, and the loop's turns. */
#ifndef BTNS_TEST_UNIT_SERVER_SERVER_TALK_H
#define BTNS_TEST_UNIT_SERVER_SERVER_TALK_H

#include "btnsd/server/server.h"
#include "test/unit/check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

static struct loop *loop;
static char socket_path[160];

static inline void stop_turn(struct timer *t)
{
    loop_stop(t->arg);
}

/*
 * Runs the loop for so long, and for at least 20 rounds, because a busy machine may have been
 * elsewhere meanwhile.
 */
static inline void turn(unsigned ms)
{
    struct timer t = {0};
    for (int i = 0; i < 20; i++) {
        loop_after(loop, &t, i ? 0 : ms, stop_turn, loop);
        loop_run(loop);
    }
}

static inline int dial(void)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    snprintf(sa.sun_path, sizeof sa.sun_path, "%.100s", socket_path);
    if (connect(fd, (struct sockaddr *)&sa, sizeof sa)) {
        close(fd);
        return -1;
    }
    return fd;
}

static inline ssize_t say(int to, const void *msg, size_t len)
{
    return send(to, msg, len, MSG_NOSIGNAL);
}

/* Sends with n descriptors attached: the last is `fd`, the others are copies of `to`. */
static inline ssize_t say_with(int to, const void *msg, size_t len, int fd, size_t n)
{
    union {
        struct cmsghdr align;
        char buf[CMSG_SPACE(250 * sizeof(int))];
    } control = {.buf = {0}};
    struct iovec iov = {(void *)(uintptr_t)msg, len};
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.buf,
                       .msg_controllen = CMSG_SPACE(n * sizeof(int))};
    control.align = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(n * sizeof(int))};
    for (size_t i = 0; i < n; i++)
        memcpy(CMSG_DATA(&control.align) + i * sizeof(int), i + 1 < n ? &to : &fd, sizeof fd);
    return sendmsg(to, &m, MSG_NOSIGNAL);
}

static inline struct btns_hdr header(unsigned type, unsigned id)
{
    return (struct btns_hdr){BTNS_WIRE_VERSION, (uint16_t)type, id};
}

/* Returns the length; 0: closed, -1: no message. */
static inline ssize_t hear(int from, void *buf, size_t size)
{
    ssize_t n = recv(from, buf, size, MSG_DONTWAIT);
    return n < 0 && errno == ECONNRESET ? 0 : n;
}

static inline bool is_closed(int fd)
{
    char buf[4096];
    ssize_t n;
    while ((n = hear(fd, buf, sizeof buf)) > 0)
        ;
    return n == 0;
}

static inline int open_descriptors(void)
{
    int n = 0;
    DIR *d = opendir("/proc/self/fd");
    while (d && readdir(d))
        n++;
    if (d)
        closedir(d);
    return n;
}

#endif
