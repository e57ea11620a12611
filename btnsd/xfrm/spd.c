/* Writes and reads the SPD. */
#include "btnsd/xfrm/decode.h"
#include "btnsd/xfrm/open.h"

#include <errno.h>
#include <string.h>

static void describe_spd_failure(const struct xfrm *x, const struct spd_entry *e, int error,
                                 struct err *err)
{
    char local[BTNS_ADDR_STR], remote[BTNS_ADDR_STR];
    const char *why = x->requests.why;

    err_set(err, "cannot write the SPD entry %s %s/%u %s/%u protocol %u priority %u: %s%s%s",
            e->dir == SPD_OUT ? "out" : "in", btns_addr_str(&e->local, local), e->local_bits,
            btns_addr_str(&e->remote, remote), e->remote_bits, e->protocol, e->priority,
            strerror(-error), *why ? ": " : "", why);
}

static int send_spd_entry(struct xfrm *x, int type, const struct spd_entry *e)
{
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, type, 0);
    int error = spd_encode(nlh, sizeof r, e);

    x->requests.why[0] = '\0';
    return error ? error : nl_talk(&x->requests, nlh, NULL, NULL);
}

int spd_set(struct xfrm *x, const struct spd_entry *e, struct err *err)
{
    /*
     * UPDPOLICY replaces an entry in one step, and the kernel looks packets that the old entry held
     * up under the new one.
     */
    int error = send_spd_entry(x, XFRM_MSG_UPDPOLICY, e);
    if (error)
        describe_spd_failure(x, e, error, err);
    return error;
}

int spd_del(struct xfrm *x, const struct spd_entry *e)
{
    return send_spd_entry(x, XFRM_MSG_DELPOLICY, e);
}

bool spd_same_place(const struct spd_entry *a, const struct spd_entry *b)
{
    return a->dir == b->dir && a->priority == b->priority && a->protocol == b->protocol &&
           a->local_bits == b->local_bits && a->remote_bits == b->remote_bits &&
           btns_addr_equal(&a->local, &b->local) && btns_addr_equal(&a->remote, &b->remote) &&
           !memcmp(&a->local_ports, &b->local_ports, sizeof a->local_ports) &&
           !memcmp(&a->remote_ports, &b->remote_ports, sizeof a->remote_ports);
}

static int add_spd_policy(const struct nlmsghdr *nlh, void *arg)
{
    struct spd_entry e;
    return spd_decode(nlh, &e) ? nl_found_add(arg, &e) : 0;
}

int spd_dump(struct xfrm *x, void (*cb)(void *arg, const struct spd_entry *e), void *arg)
{
    struct nl_found found = {.size = sizeof(struct spd_entry)};
    union nl_request r;
    struct nlmsghdr *nlh = nl_request(&r, XFRM_MSG_GETPOLICY, NLM_F_DUMP);

    mnl_nlmsg_put_extra_header(nlh, sizeof(struct xfrm_userpolicy_id));
    int error = nl_dump(&x->requests, nlh, add_spd_policy, &found);
    const struct spd_entry *e = (const void *)found.items;
    for (size_t i = 0; !error && i < found.count; i++)
        cb(arg, &e[i]);
    nl_found_free(&found);
    return error;
}
