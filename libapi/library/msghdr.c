/*
 * Policies and channel infos of a msghdr, kept by its thread. They are for connected TCP sockets:
 * datagrams are not protected yet.
 */
#include "libapi/library/msghdr.h"

#include "libapi/library/ask_btnsd.h"
#include "libapi/library/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void forget_message(struct thread_msg *m)
{
    ipsec_free_policy(m->policy);
    ipsec_free_channel_info(m->expected);
    ipsec_free_channel_info(m->channel);
    *m = (struct thread_msg){0};
}

static void forget_all(struct thread *t)
{
    for (size_t i = 0; i < THREAD_MSGS; i++)
        forget_message(&t->msg[i]);
}

static struct thread_msg *find_message(struct thread *t, const struct msghdr *msg)
{
    for (size_t i = 0; t && t->forget && i < THREAD_MSGS; i++)
        if (t->msg[i].msg == msg)
            return &t->msg[i];
    return NULL;
}

/* The one for this msghdr, or the one that was used longest ago. */
static struct thread_msg *get_message(struct thread *t, const struct msghdr *msg)
{
    struct thread_msg *m = find_message(t, msg), *oldest = t->msg;
    for (size_t i = 1; !m && i < THREAD_MSGS; i++)
        if (!t->msg[i].msg || (oldest->msg && t->msg[i].used < oldest->used))
            oldest = &t->msg[i];
    if (!m) {
        m = oldest;
        forget_message(m);
        m->msg = msg;
    }
    m->used = ++t->clock;
    t->forget = forget_all;
    return m;
}

static int refuse_datagram(const char *call, const struct msghdr *msg)
{
    if (!msg)
        return fail(EINVAL, "%s: NULL", call);
    if (msg->msg_name && msg->msg_namelen)
        return fail(EOPNOTSUPP, "%s: datagrams are not protected yet, only connected TCP sockets",
                    call);
    return 0;
}

EXPORT int ipsec_set_msg_policy(const struct msghdr *msg, const ipsec_policy_t *policy)
{
    static const char call[] = "ipsec_set_msg_policy";
    ipsec_policy_t *copy = NULL;
    if (refuse_datagram(call, msg) ||
        (policy && ipsec_dup_policy((ipsec_policy_t *)(uintptr_t)policy, &copy)))
        return -1;
    struct thread *t = thread_get();
    if (!t) {
        ipsec_free_policy(copy);
        return finish(-ENOMEM, call);
    }
    struct thread_msg *m = policy ? get_message(t, msg) : find_message(t, msg);
    if (m) {
        ipsec_free_policy(m->policy);
        m->policy = copy;
    }
    return 0;
}

EXPORT int ipsec_get_msg_policy(const struct msghdr *msg, ipsec_policy_t **policy)
{
    static const char call[] = "ipsec_get_msg_policy";
    if (!policy)
        return fail(EINVAL, "%s: NULL", call);
    if (refuse_datagram(call, msg))
        return -1;
    const struct thread_msg *m = find_message(thread_find(), msg);
    if (!m || !m->policy)
        return fail(ENODATA, "%s: no policy is set for this msghdr", call);
    return ipsec_dup_policy(m->policy, policy);
}

EXPORT int ipsec_set_msg_channel_info(const struct msghdr *msg, const ipsec_channel_info_t *ci)
{
    static const char call[] = "ipsec_set_msg_channel_info";
    ipsec_channel_info_t *copy = NULL;
    if (refuse_datagram(call, msg))
        return -1;
    if (ci && !channel_names_peer(ci))
        return fail(ENODATA, "%s: the channel info does not say who", call);
    if (ci && ipsec_dup_channel_info(ci, &copy))
        return -1;
    struct thread *t = thread_get();
    if (!t) {
        ipsec_free_channel_info(copy);
        return finish(-ENOMEM, call);
    }
    struct thread_msg *m = ci ? get_message(t, msg) : find_message(t, msg);
    if (m) {
        ipsec_free_channel_info(m->expected);
        m->expected = copy;
    }
    return 0;
}

EXPORT int ipsec_get_msg_channel_info(const struct msghdr *msg, ipsec_channel_info_t **ci)
{
    static const char call[] = "ipsec_get_msg_channel_info";
    if (!ci)
        return fail(EINVAL, "%s: NULL", call);
    if (refuse_datagram(call, msg))
        return -1;
    const struct thread_msg *m = find_message(thread_find(), msg);
    if (!m || !m->channel)
        return fail(ENODATA, "%s: this msghdr was not used since something was set for it", call);
    return ipsec_dup_channel_info(m->channel, ci);
}

EXPORT int ipsec_prepare_recv(int fd)
{
    return need_tcp("ipsec_prepare_recv", fd);
}

static int compare_channel(const char *call, const struct thread_msg *m,
                           const ipsec_channel_info_t *now)
{
    if (m->policy) {
        int rc = ipsec_check_channel_info(now, m->policy);
        if (rc > 0)
            errno = EPERM; /* the reason says what is missing */
        if (rc)
            return -1;
    }
    if (!m->expected)
        return 0;
    int rc = ipsec_cmp_channel_info(now, m->expected);
    return rc ? fail(ENOKEY,
                     "%s: another one than expected is at the other end, or nobody is proved to be",
                     call)
              : 0;
}

int message_may(const char *call, int fd, const struct msghdr *msg)
{
    struct thread_msg *m = find_message(thread_find(), msg);
    ipsec_channel_info_t *now = NULL;
    if (!m || (!m->policy && !m->expected))
        return 0;
    if (refuse_datagram(call, msg) || need_tcp(call, fd) || ipsec_get_socket_channel_info(fd, &now))
        return -1;
    int rc = compare_channel(call, m, now), error = errno;
    ipsec_free_channel_info(m->channel);
    m->channel = now;
    errno = error;
    return rc;
}
