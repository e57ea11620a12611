/* One netlink socket, one request on it at a time (private to xfrm/). */
#ifndef BTNS_XFRM_NETLINK_H
#define BTNS_XFRM_NETLINK_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define NL_REQUEST_MAX 1024
/* Dumps come in datagrams as large as the reader's buffer, up to this much. */
#define NL_REPLY_MAX 32768

struct nl {
    struct mnl_socket *sock;
    uint32_t seq;
    char why[128]; /* the kernel's text about the last refusal, or "" */
};

/* Buffers that begin with a message, whose body may have 64-bit fields. */
union nl_request {
    struct nlmsghdr head;
    uint64_t align;
    char bytes[NL_REQUEST_MAX];
};
union nl_reply {
    struct nlmsghdr head;
    uint64_t align;
    char bytes[NL_REPLY_MAX];
};

/* Called for every message of an answer. Returns 0 or -errno. */
typedef int nl_reply_cb(const struct nlmsghdr *nlh, void *arg);

/* protocol is NETLINK_XFRM ...; flags are SOCK_NONBLOCK or 0. Returns 0 or -errno. */
int nl_open(struct nl *n, int protocol, int flags);
void nl_close(struct nl *n);
/* Joins multicast groups and enlarges the receive buffer for them. Returns 0 or -errno. */
int nl_join(struct nl *n, const int *groups, size_t count);
/* Starts a request in r; add the rest with mnl_nlmsg_put_extra_header() and mnl_attr_put(). */
struct nlmsghdr *nl_request(union nl_request *r, int type, int flags);
/*
 * Sends the request and reads the whole answer. Returns 0, the kernel's or cb's first -errno, or
 * -EINTR when a dump was disturbed by a change and should be repeated.
 */
int nl_talk(struct nl *n, struct nlmsghdr *request, nl_reply_cb *cb, void *arg);
/*
 * Like nl_talk() for a question that the kernel answers with one message: there is no
 * acknowledgement to read.
 */
int nl_ask(struct nl *n, struct nlmsghdr *request, nl_reply_cb *cb, void *arg);
/* Reads one datagram from a non-blocking socket. Returns its length, 0 if none waits, -errno. */
int nl_read(struct nl *n, union nl_reply *buf);

/* mnl_nlmsg_ok() takes a length above INT_MAX for a short one; this does not. */
static inline bool nl_message_ok(const struct nlmsghdr *nlh, int len)
{
    return len >= (int)sizeof *nlh && nlh->nlmsg_len >= sizeof *nlh &&
           nlh->nlmsg_len <= (uint32_t)len;
}

#define nl_for_each_message(nlh, buf, len)                                                         \
    for ((nlh) = &(buf)->head; nl_message_ok((nlh), (len)); (nlh) = mnl_nlmsg_next((nlh), &(len)))

/*
 * mnl_attr_for_each() within the exact length of the message: the library rounds the length up to
 * four, and the octets behind it may not belong to the message.
 */
#define nl_for_each_attr(attr, nlh, header)                                                        \
    for ((attr) = mnl_nlmsg_get_payload_offset((nlh), (header));                                   \
         mnl_attr_ok((attr), nl_attr_room((nlh), (attr))); (attr) = mnl_attr_next(attr))

static inline int nl_attr_room(const struct nlmsghdr *nlh, const struct nlattr *attr)
{
    return (int)((const char *)nlh + nlh->nlmsg_len - (const char *)attr);
}

/* Copies a fixed-size structure out of an attribute; false when it is absent or too short. */
static inline bool nl_attr_copy(const struct nlattr *attr, void *to, size_t size)
{
    if (!attr || mnl_attr_get_payload_len(attr) < size)
        return false;
    memcpy(to, mnl_attr_get_payload(attr), size);
    return true;
}

/*
 * A list that a dump fills. The caller gets the items only when the dump is over: then it may make
 * requests of its own, and a disturbed dump can be repeated without its notice.
 */
struct nl_found {
    size_t size; /* of one item */
    size_t count, room;
    unsigned char *items;
};
int nl_found_add(struct nl_found *f, const void *item);
void nl_found_free(struct nl_found *f);
/* nl_talk() for a dump whose cb adds to f: repeats a disturbed one. */
int nl_dump(struct nl *n, struct nlmsghdr *request, nl_reply_cb *cb, struct nl_found *f);

#endif
