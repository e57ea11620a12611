/* Sets and gets a socket's policy and channel info. btnsd keeps them; the library keeps nothing. */
#include "libapi/library/ask_btnsd.h"

#include <errno.h>
#include <string.h>

/* An empty list removes the policy or peer that was set before. */
static int set_on_socket(const char *call, enum btns_type type, int fd, const struct list *l)
{
    return ask_need_transport(call, fd) ||
                   ask_btnsd(call, type, fd, l ? l->at : NULL, l ? l->len : 0, NULL)
               ? -1
               : 0;
}

EXPORT int ipsec_set_socket_policy(int fd, const ipsec_policy_t *policy)
{
    return set_on_socket("ipsec_set_socket_policy", BTNS_API_SET_POLICY, fd,
                         policy ? &policy->list : NULL);
}

EXPORT int ipsec_get_socket_policy(int fd, ipsec_policy_t **policy)
{
    static const char call[] = "ipsec_get_socket_policy";
    struct answer a = {0};
    struct attr x;
    size_t at = 0;
    int rc = 0;
    if (!policy)
        return thread_fail(EINVAL, "%s: NULL", call);
    if (ask_need_transport(call, fd) || ask_btnsd(call, BTNS_API_GET_POLICY, fd, NULL, 0, &a))
        return -1;
    ipsec_policy_t *p = ipsec_create_policy(IPSEC_DEFAULT_POLICY);
    while (p && !rc && attrs_next(a.list, a.len, &at, &x) > 0)
        if (x.type != BTNS_API_ERROR && x.type != BTNS_API_TEXT)
            rc = list_set(&p->list, x.type, x.value, x.len);
    ask_answer_free(&a);
    if (p && !rc) {
        *policy = p;
        return 0;
    }
    ipsec_free_policy(p);
    return thread_finish(-ENOMEM, call);
}

int socket_channel_peer(struct list *who, const ipsec_channel_info_t *ci)
{
    struct attr key, type;
    if (!list_find(&ci->list, IPSEC_CHANNEL_PEER_KEY, &key))
        return -ENODATA;
    int rc = list_find(&ci->list, IPSEC_CHANNEL_PEER_KEY_TYPE, &type)
                 ? list_set(who, IPSEC_CHANNEL_PEER_KEY_TYPE, type.value, type.len)
                 : 0;
    return rc ? rc : list_set(who, IPSEC_CHANNEL_PEER_KEY, key.value, key.len);
}

EXPORT int ipsec_set_socket_channel_info(int fd, const ipsec_channel_info_t *ci)
{
    static const char call[] = "ipsec_set_socket_channel_info";
    struct list who = {0};
    if (!ci)
        return set_on_socket(call, BTNS_API_SET_PEER, fd, NULL);
    int rc = socket_channel_peer(&who, ci);
    if (rc == -ENODATA)
        thread_fail(ENODATA, "%s: the channel info names no peer", call);
    else
        rc = rc ? thread_finish(rc, call) : set_on_socket(call, BTNS_API_SET_PEER, fd, &who);
    int error = errno;
    list_free(&who);
    errno = error;
    return rc ? -1 : 0;
}

int socket_channel_with(const char *call, int fd, const void *attrs, size_t len,
                        ipsec_channel_info_t **ci)
{
    struct answer a = {0};
    if (ask_need_transport(call, fd) || ask_btnsd(call, BTNS_API_INQUIRE, fd, attrs, len, &a))
        return -1;
    /* The first attribute is the error, which is 0 here. */
    ipsec_channel_info_t *made = channel_info_from_attrs(a.list, a.len);
    ask_answer_free(&a);
    if (!made)
        return thread_finish(-ENOMEM, call);
    *ci = made;
    return 0;
}

EXPORT int ipsec_get_socket_channel_info(int fd, ipsec_channel_info_t **ci)
{
    static const char call[] = "ipsec_get_socket_channel_info";
    return ci ? socket_channel_with(call, fd, NULL, 0, ci) : thread_fail(EINVAL, "%s: NULL", call);
}
