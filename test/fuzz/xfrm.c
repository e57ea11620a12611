/* Fuzzes every decoder of btnsd/xfrm with datagrams as a netlink socket would give them. */
#include "btnsd/xfrm/decode.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The decoders' callers rely on these properties, whatever the input. */
static void demand(bool condition)
{
    if (!condition)
        abort();
}

static bool whole_address(const struct btns_addr *a)
{
    return a->family == AF_INET || a->family == AF_INET6;
}

static void check_event(const struct nlmsghdr *nlh)
{
    struct xfrm_event ev;
    union nl_request again;

    if (!xfrm_event_decode(nlh, &ev))
        return;
    demand(ev.type <= XFRM_EV_SPD_CHANGE);
    if (ev.type <= XFRM_EV_SA_GONE) {
        demand(whole_address(&ev.sa.src) && whole_address(&ev.sa.dst) && ev.sa.spi);
        demand(memchr(ev.sa.alg, 0, sizeof ev.sa.alg) && memchr(ev.sa.auth, 0, sizeof ev.sa.auth));
    }
    if (!ev.spd_valid)
        return;
    demand(ev.spd.local.family == ev.spd.remote.family && whole_address(&ev.spd.local));
    demand(ev.spd.local_bits <= btns_addr_bits(&ev.spd.local));
    demand(ev.spd.remote_bits <= btns_addr_bits(&ev.spd.remote));
    bool writable = ev.spd.action != SPD_OTHER && ev.spd.priority <= SPD_PRIO_MAX;
    int error = spd_encode(nl_request(&again, XFRM_MSG_UPDPOLICY, 0), sizeof again, &ev.spd);
    demand((error == 0) == writable);
}

static void check_rest(const struct nlmsghdr *nlh)
{
    struct sad_entry sa;
    struct sock_entry sock;
    struct route route;
    struct btns_addr net;
    unsigned bits;
    int error;

    sad_decode(nlh, &sa);
    if (sockdiag_decode(nlh, &sock))
        demand(whole_address(&sock.local) && whole_address(&sock.remote));
    if (route_decode(nlh, &route, &error))
        demand(error <= 0);
    if (route_decode_local(nlh, &net, &bits))
        demand(whole_address(&net) && bits && bits <= btns_addr_bits(&net));
}

/*
 * A message longer than the input is cut, not refused: otherwise the fuzzer could not shorten
 * inputs.
 */
static void cut_to(struct nlmsghdr *nlh, size_t size)
{
    if (size >= sizeof *nlh && nlh->nlmsg_len > size)
        nlh->nlmsg_len = (uint32_t)size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* of exactly this size, so that a sanitizer sees a read beyond it */
    union nl_reply *buf = malloc(size ? size : 1);
    const struct nlmsghdr *nlh;
    int len = (int)size;

    if (!buf || size > NL_REPLY_MAX) {
        free(buf);
        return 0;
    }
    memcpy(buf, data, size);
    cut_to(&buf->head, size);
    nl_for_each_message(nlh, buf, len)
    {
        check_event(nlh);
        check_rest(nlh);
    }
    free(buf);
    return 0;
}
