/*
 * The one-way link to btnsd. The program may close its descriptor (closefrom()) or reuse its number
 * for another file, so the link is verified before each use and opened again when it is gone.
 * Forked children go on using it: the kernel attaches the sender's credentials to each message.
 */
#include "shim/link.h"

#include "shim/channel.h"
#include "shim/patience.h"
#include "shim/prctl.h"
#include "shim/raw.h"
#include "shim/sock.h"

#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { FD_BITS = 20 };

static link_name present;

static int link_fd(link_name name)
{
    return (int)(name & ((1u << FD_BITS) - 1));
}

static link_name link_name_of(int fd)
{
    uint64_t cookie = sock_cookie(fd);
    return cookie && fd < 1 << FD_BITS ? cookie << FD_BITS | (uint64_t)fd : 0;
}

link_name link_last(void)
{
    return __atomic_load_n(&present, __ATOMIC_SEQ_CST);
}

/*
 * Only the thread that removes the link's name closes its descriptor, and only if it still is the
 * link.
 */
static void give_link_up(link_name name)
{
    link_name expected = name;
    if (__atomic_compare_exchange_n(&present, &expected, 0, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST) &&
        link_name_of(link_fd(name)) == name)
        channel_close(link_fd(name));
}

bool link_alive(link_name name)
{
    /* btnsd never sends on the link: if it is readable, btnsd has closed it. */
    struct pollfd p = {.fd = link_fd(name), .events = POLLIN};
    struct timespec now = {0};
    bool alive =
        name && link_name_of(link_fd(name)) == name && RAW(ppoll, &p, 1, &now, NULL, 0) == 0;
    if (name && !alive)
        give_link_up(name);
    return alive;
}

uint64_t link_netns(link_name name)
{
    return name ? sock_netns(link_fd(name)) : 0;
}

/*
 * The time of the last failed attempt. Without btnsd, accept() must not try to connect each time.
 */
static uint64_t failed_at;

static link_name open_new_link(void)
{
    int fd = channel_open(NULL);
    __atomic_store_n(&failed_at, fd < 0 ? patience_seconds() : 0, __ATOMIC_RELAXED);
    if (fd < 0)
        return 0;
    link_name name = link_name_of(fd), expected = 0;
    if (!name || !__atomic_compare_exchange_n(&present, &expected, name, false, __ATOMIC_SEQ_CST,
                                              __ATOMIC_SEQ_CST)) {
        channel_close(fd);
        return expected;
    }
    return name;
}

link_name link_get(bool seldom)
{
    link_name name = link_last();
    if (link_alive(name))
        return name;
    if (seldom && __atomic_load_n(&failed_at, __ATOMIC_RELAXED) == patience_seconds())
        return 0;
    name = open_new_link();
    return name;
}

static long send_over_link(link_name name, const struct msghdr *msg)
{
    long rc = -EBADF;
    if (name && link_name_of(link_fd(name)) == name)
        rc = RAW(sendmsg, link_fd(name), msg, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (rc < 0 && rc != -EAGAIN && !prctl_sandbox_entered())
        link_alive(name); /* link_alive() closes the link if it is dead */
    return rc;
}

bool link_send(link_name name, const struct btns_flow *flow)
{
    struct iovec iov = {(void *)(uintptr_t)flow, sizeof *flow};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    return send_over_link(name, &msg) == (long)sizeof *flow;
}

long link_send_file(link_name name, enum btns_type type, int fd)
{
    struct btns_hdr hdr = {.version = BTNS_WIRE_VERSION, .type = (uint16_t)type};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {&hdr, sizeof hdr};
    struct msghdr msg = {.msg_iov = &iov,
                         .msg_iovlen = 1,
                         .msg_control = &control,
                         .msg_controllen = sizeof control};
    control.align = (struct cmsghdr){
        .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS, .cmsg_len = CMSG_LEN(sizeof fd)};
    memcpy(CMSG_DATA(&control.align), &fd, sizeof fd);
    long rc = send_over_link(name, &msg);
    return rc < 0 ? rc : 0;
}
