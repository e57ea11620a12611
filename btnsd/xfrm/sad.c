/* Reads the SAD. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/open.h"

static int add_state(const struct nlmsghdr *nlh, void *arg)
{
    struct sad_entry e;
    return sad_decode(nlh, &e) && sad_is_real(&e) ? nl_found_add(arg, &e) : 0;
}

int sad_dump(struct xfrm *x, void (*cb)(void *arg, const struct sad_entry *e), void *arg)
{
    struct nl_found found = {.size = sizeof(struct sad_entry)};
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_GETSA, NLM_F_DUMP);

    mnl_nlmsg_put_extra_header(nlh, sizeof(struct xfrm_usersa_id));
    int error = nl_dump(&x->requests, nlh, add_state, &found);
    const struct sad_entry *e = (const void *)found.items;
    for (size_t i = 0; !error && i < found.count; i++)
        cb(arg, &e[i]);
    nl_found_free(&found);
    return error;
}
