/* Sends an answer: a correct one, or one that is broken in the way the script names. */
#include "test/mock/mock.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

bool is_broken(const char *how)
{
    return !strcmp(script.broken, how);
}

static void send_message(int to, const void *bytes, size_t len, const int *fds, size_t count)
{
    union {
        char bytes[CMSG_SPACE(3 * sizeof(int))];
        struct cmsghdr align;
    } control = {0};
    struct iovec iov = {(void *)(uintptr_t)bytes, len};
    struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
    if (count) {
        msg.msg_control = &control;
        msg.msg_controllen = CMSG_SPACE(count * sizeof(int));
        struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
        *c = (struct cmsghdr){CMSG_LEN(count * sizeof(int)), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(c), fds, count * sizeof(int));
    }
    sendmsg(to, &msg, MSG_NOSIGNAL);
}

static struct btns_hdr header_of(const struct request *r, enum btns_type type)
{
    struct btns_hdr hdr = {BTNS_WIRE_VERSION, (uint16_t)type, r->hdr.id};
    if (is_broken("version"))
        hdr.version = 99;
    if (is_broken("type"))
        hdr.type = 999;
    if (is_broken("id"))
        hdr.id++;
    return hdr;
}

static size_t length_of(size_t len)
{
    if (is_broken("short"))
        return len - 1;
    if (is_broken("long"))
        return len + 1;
    return is_broken("tiny") ? 3 : len;
}

void send_answer_with(const struct request *r, void *msg, size_t len, enum btns_type type,
                      int page_fd)
{
    static char bytes[BTNS_MSG_MAX];
    struct btns_policy_msg other = {0};
    const int fds[3] = {page_fd, page_fd, page_fd};
    size_t count = page_fd < 0 ? 0 : 1;
    if (is_broken("close"))
        _exit(0);
    if (is_broken("silent"))
        return;
    if (is_broken("other-type")) { /* a good message, but not what was asked for */
        type = BTNS_REP_POLICY;
        msg = &other;
        len = sizeof other;
    }
    if (is_broken("descriptors"))
        count = 3;
    *(struct btns_hdr *)msg = header_of(r, type);
    memset(bytes, 0, sizeof bytes);
    memcpy(bytes, msg, len);
    send_message(r->from, bytes, length_of(len), fds, count);
}

void send_answer(const struct request *r, void *msg, size_t len, enum btns_type type)
{
    send_answer_with(r, msg, len, type, -1);
}
