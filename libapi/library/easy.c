/* The short functions of <btns/ipsec.h>: one call for each of the most common questions. */
#include "libapi/library/object.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

EXPORT int ipsec_who(int fd, char *text, size_t size)
{
    ipsec_channel_info_t *ci;
    struct attr a;
    if (!text || !size)
        return thread_fail(EINVAL, "ipsec_who: NULL");
    if (ipsec_get_socket_channel_info(fd, &ci))
        return -1;
    if (list_find(&ci->list, IPSEC_CHANNEL_INFORMATION, &a))
        snprintf(text, size, "%.*s", (int)a.len, (const char *)a.value);
    else
        snprintf(text, size, "%s", ipsec_state_name(list_u32(&ci->list, IPSEC_CHANNEL_STATE, 0)));
    return ipsec_free_channel_info(ci);
}

static int easy_expect_line(int fd, const char *line)
{
    ipsec_channel_info_t *ci;
    if (ipsec_import_channel_info(line, &ci))
        return -1;
    int rc = ipsec_set_socket_channel_info(fd, ci), error = errno;
    ipsec_free_channel_info(ci);
    errno = error;
    return rc;
}

EXPORT int ipsec_expect(int fd, const char *peer)
{
    if (!peer)
        return thread_fail(EINVAL, "ipsec_expect: NULL");
    if (!strncmp(peer, "btns", 4) && strchr(peer, ':'))
        return easy_expect_line(fd, peer);
    ipsec_policy_t *p = ipsec_create_policy(IPSEC_DEFAULT_POLICY);
    size_t len = strnlen(peer, 4096);
    int rc = p ? ipsec_set_policy_attr(p, IPSEC_POLICY_PEER, (uint32_t)len, peer) : -1;
    if (!rc)
        rc = ipsec_set_socket_policy(fd, p);
    int error = errno;
    ipsec_free_policy(p);
    errno = error;
    return rc;
}

static int easy_check_socket(int fd, const ipsec_policy_t *policy)
{
    ipsec_channel_info_t *ci;
    if (ipsec_get_socket_channel_info(fd, &ci))
        return -1;
    int rc = ipsec_check_channel_info(ci, policy), error = errno;
    ipsec_free_channel_info(ci);
    errno = error;
    return rc;
}

EXPORT int ipsec_check_socket(int fd, const ipsec_policy_t *policy)
{
    static const uint32_t protect = IPSEC_ACTION_PROTECT;
    if (policy)
        return easy_check_socket(fd, policy);
    ipsec_policy_t *p = ipsec_create_policy(IPSEC_DEFAULT_POLICY);
    int rc = p ? ipsec_set_policy_attr(p, IPSEC_POLICY_ACTION, sizeof protect, &protect) : -1;
    if (!rc)
        rc = easy_check_socket(fd, p);
    int error = errno;
    ipsec_free_policy(p);
    errno = error;
    return rc;
}
