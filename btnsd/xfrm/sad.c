/* Reads the SAD. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/open.h"

#include <errno.h>
#include <string.h>

static int add_sad_state(const struct nlmsghdr *nlh, void *arg)
{
    struct sad_entry e;
    return sad_decode(nlh, &e) && sad_is_real(&e) ? nl_found_add(arg, &e) : 0;
}

static int dump_sad_states(struct xfrm *x, struct nlmsghdr *nlh,
                           void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    struct nl_found found = {.size = sizeof(struct sad_entry)};
    int error = nl_dump(&x->requests, nlh, add_sad_state, &found);
    const struct sad_entry *e = (const void *)found.items;
    for (size_t i = 0; !error && i < found.count; i++)
        cb(arg, &e[i]);
    nl_found_free(&found);
    return error;
}

/* The request has no body: the kernel would take one for an attribute, and log that. */
int sad_dump(struct xfrm *x, void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_GETSA, NLM_F_DUMP);
    return dump_sad_states(x, nlh, cb, arg);
}

int sad_encode_between(struct nlmsghdr *nlh, size_t room, const struct btns_addr *src,
                       const struct btns_addr *dst)
{
    struct xfrm_address_filter f;
    if (!src->family || src->family != dst->family)
        return -EINVAL;
    memset(&f, 0, sizeof f); /* clears the padding too, as the kernel gets all of it */
    memcpy(&f.saddr, src->ip, sizeof f.saddr);
    memcpy(&f.daddr, dst->ip, sizeof f.daddr);
    f.family = src->family;
    f.splen = (uint8_t)btns_addr_bits(src);
    f.dplen = (uint8_t)btns_addr_bits(dst);
    return mnl_attr_put_check(nlh, room, XFRMA_ADDRESS_FILTER, sizeof f, &f) ? 0 : -EINVAL;
}

struct between {
    const struct btns_addr *src, *dst;
    void (*cb)(void *arg, const struct sad_entry *e);
    void *arg;
};

static void pass_sa_between(void *arg, const struct sad_entry *e)
{
    const struct between *b = arg;
    if (btns_addr_ip_equal(&e->src, b->src) && btns_addr_ip_equal(&e->dst, b->dst))
        b->cb(b->arg, e);
}

int sad_dump_between(struct xfrm *x, const struct btns_addr *src, const struct btns_addr *dst,
                     void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    union nl_request r;
    struct between b = {src, dst, cb, arg};
    if (btns_addr_is_inner(src) || btns_addr_is_inner(dst)) /* the kernel filters by outer ones */
        return sad_dump(x, pass_sa_between, &b);
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_GETSA, NLM_F_DUMP);
    int error = sad_encode_between(nlh, sizeof r, src, dst);
    return error ? error : dump_sad_states(x, nlh, cb, arg);
}
