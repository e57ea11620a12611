/* Netlink requests and answers, for all sockets in this room. */
#include "btnsd/xfrm/netlink.h"

#include "libapi/wire/array.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define EVENT_BUFFER (8 * 1024 * 1024)
#define DUMP_TRIES   5

int nl_open(struct nl *n, int protocol, int flags)
{
    memset(n, 0, sizeof *n);
    n->sock = mnl_socket_open2(protocol, flags | SOCK_CLOEXEC);
    if (!n->sock)
        return -errno;
    if (mnl_socket_bind(n->sock, 0, MNL_SOCKET_AUTOPID) < 0) {
        int error = -errno;
        nl_close(n);
        return error;
    }
    /*
     * Two optional settings: the kernel gives the reason of a refusal as text, and does not echo
     * the request.
     */
    int on = 1;
    mnl_socket_setsockopt(n->sock, NETLINK_EXT_ACK, &on, sizeof on);
    mnl_socket_setsockopt(n->sock, NETLINK_CAP_ACK, &on, sizeof on);
    return 0;
}

void nl_close(struct nl *n)
{
    if (n->sock)
        mnl_socket_close(n->sock);
    n->sock = NULL;
}

int nl_join(struct nl *n, const int *groups, size_t count)
{
    int fd = mnl_socket_get_fd(n->sock), size = EVENT_BUFFER;

    /* Without the privilege to exceed rmem_max, sets as much as rmem_max allows. */
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) < 0)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    for (size_t i = 0; i < count; i++) {
        int group = groups[i];
        if (mnl_socket_setsockopt(n->sock, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) < 0)
            return -errno;
    }
    return 0;
}

struct nlmsghdr *nl_request(union nl_request *r, int type, int flags)
{
    memset(r, 0, sizeof *r);
    struct nlmsghdr *nlh = mnl_nlmsg_put_header(r->bytes);
    nlh->nlmsg_type = (uint16_t)type;
    nlh->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
    return nlh;
}

static int receive_netlink(struct nl *n, union nl_reply *buf)
{
    for (;;) {
        ssize_t got = mnl_socket_recvfrom(n->sock, buf->bytes, sizeof buf->bytes);
        if (got >= 0)
            return (int)got;
        if (errno != EINTR)
            return -errno;
    }
}

int nl_read(struct nl *n, union nl_reply *buf)
{
    int got = receive_netlink(n, buf);
    return got == -EAGAIN ? 0 : got;
}

struct talk {
    struct nl *nl;
    nl_reply_cb *cb;
    void *arg;
    bool single; /* the answer is one message, or a refusal */
    bool over, disturbed;
    int error; /* the first error */
};

/* The text of an extended acknowledgement; the request is not echoed (NETLINK_CAP_ACK). */
static void keep_netlink_reason(struct nl *n, const struct nlmsghdr *nlh)
{
    const struct nlattr *attr;

    if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS) || !(nlh->nlmsg_flags & NLM_F_CAPPED))
        return;
    nl_for_each_attr(attr, nlh, sizeof(struct nlmsgerr))
    {
        if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG)
            continue;
        size_t len = mnl_attr_get_payload_len(attr);
        if (len >= sizeof n->why)
            len = sizeof n->why - 1;
        memcpy(n->why, mnl_attr_get_payload(attr), len);
        n->why[len] = '\0';
    }
}

static int netlink_status(const struct nlmsghdr *nlh)
{
    int code = 0;
    if (mnl_nlmsg_get_payload_len(nlh) >= sizeof code)
        memcpy(&code, mnl_nlmsg_get_payload(nlh), sizeof code);
    else if (nlh->nlmsg_type == NLMSG_ERROR)
        code = -EBADMSG;
    return code < 0 ? code : 0;
}

static void take_netlink_message(struct talk *t, const struct nlmsghdr *nlh)
{
    int error = 0;

    if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
        t->disturbed = true;
    switch (nlh->nlmsg_type) {
    case NLMSG_NOOP:
        break;
    case NLMSG_ERROR:
        keep_netlink_reason(t->nl, nlh);
        /* fall through */
    case NLMSG_DONE:
        error = netlink_status(nlh);
        t->over = true;
        break;
    default:
        if (t->cb)
            error = t->cb(nlh, t->arg);
        t->over = t->single;
    }
    if (error && !t->error)
        t->error = error;
}

static int netlink_send_and_read(struct talk *t, struct nlmsghdr *request)
{
    struct nl *n = t->nl;
    union nl_reply buf;
    size_t most = 0; /* octets of buf that were ever used */

    n->why[0] = '\0';
    request->nlmsg_seq = ++n->seq;
    /* The kernel copies the port id into the event that the request causes. */
    request->nlmsg_pid = mnl_socket_get_portid(n->sock);
    if (mnl_socket_sendto(n->sock, request, request->nlmsg_len) < 0)
        return -errno;
    while (!t->over) {
        int len = receive_netlink(n, &buf);
        /* After an error the whole buffer may be written: the datagram may have been too long. */
        size_t written = len < 0 ? sizeof buf : (size_t)len;
        most = written > most ? written : most;
        if (len < 0) {
            t->error = len;
            break;
        }
        const struct nlmsghdr *nlh;
        nl_for_each_message(nlh, &buf, len)
        {
            if (!t->over && nlh->nlmsg_seq == n->seq)
                take_netlink_message(t, nlh);
        }
    }
    explicit_bzero(&buf, most); /* a dump of the SAD has keys in it */
    return t->error ? t->error : t->disturbed ? -EINTR : 0;
}

int nl_talk(struct nl *n, struct nlmsghdr *request, nl_reply_cb *cb, void *arg)
{
    struct talk t = {.nl = n, .cb = cb, .arg = arg};
    if ((request->nlmsg_flags & NLM_F_DUMP) != NLM_F_DUMP) /* one of its bits: NLM_F_REPLACE */
        request->nlmsg_flags |= NLM_F_ACK;
    return netlink_send_and_read(&t, request);
}

int nl_ask(struct nl *n, struct nlmsghdr *request, nl_reply_cb *cb, void *arg)
{
    struct talk t = {.nl = n, .cb = cb, .arg = arg, .single = true};
    return netlink_send_and_read(&t, request);
}

int nl_found_add(struct nl_found *f, const void *item)
{
    void *items = array_grow(f->items, &f->room, f->count + 1, f->size);
    if (!items)
        return -ENOMEM;
    f->items = items;
    memcpy(f->items + f->count * f->size, item, f->size);
    f->count++;
    return 0;
}

void nl_found_free(struct nl_found *f)
{
    free(f->items);
    memset(f, 0, sizeof *f);
}

int nl_dump(struct nl *n, struct nlmsghdr *request, nl_reply_cb *cb, struct nl_found *f)
{
    int error = -EINTR;
    size_t before = f->count;

    for (int i = 0; i < DUMP_TRIES && error == -EINTR; i++) {
        f->count = before;
        error = nl_talk(n, request, cb, f);
    }
    return error;
}
