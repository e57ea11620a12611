/* For the tests of btnsd/xfrm's decoders: messages made by hand, and each prefix of them. */
#ifndef BTNS_TEST_UNIT_XFRM_DECODE_CHECK_H
#define BTNS_TEST_UNIT_XFRM_DECODE_CHECK_H

#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/sockdiag.h"
#include "test/unit/addr.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            printf("not ok %s:%d: %s\n", __func__, __LINE__, #condition);                          \
            failures++;                                                                            \
        }                                                                                          \
    } while (0)

static inline struct nlmsghdr *message(union nl_request *r, int type, const void *body, size_t len)
{
    struct nlmsghdr *nlh = nl_request(r, type, 0);
    memcpy(mnl_nlmsg_put_extra_header(nlh, len), body, len);
    return nlh;
}

/*
 * Hands the decoder every shorter version of a good message, each in a block of its own size, so
 * that a sanitizer sees one octet too far.
 */
static inline void truncations(const struct nlmsghdr *nlh)
{
    for (uint32_t len = sizeof *nlh; len <= nlh->nlmsg_len; len++) {
        struct nlmsghdr *cut = malloc(len);
        struct xfrm_event ev;
        struct sock_entry sock;
        struct route route;
        struct btns_addr net;
        unsigned bits;
        int error;

        if (!cut)
            abort();
        memcpy(cut, nlh, len);
        cut->nlmsg_len = len;
        xfrm_event_decode(cut, &ev);
        sockdiag_decode(cut, &sock);
        route_decode(cut, &route, &error);
        route_decode_local(cut, &net, &bits);
        free(cut);
    }
}

static const struct xfrm_usersa_info state = {
    .sel = {.family = AF_INET, .proto = IPPROTO_TCP, .dport = 0x401f, .dport_mask = 0xffff},
    .id = {.proto = IPPROTO_ESP, .spi = 0x01000000},
    .family = AF_INET,
    .reqid = 4001,
    .mode = XFRM_MODE_TRANSPORT,
    .replay_window = 4,
};

static inline int decode_end(void)
{
    if (!failures)
        puts("ok");
    return failures != 0;
}

#endif
