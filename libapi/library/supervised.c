/*
 * Gives a datagram socket a policy when a message has one and the program runs under btns-run
 * --require without the shim. The supervisor lets a datagram socket send only if the kernel keeps
 * it from sending in the clear (judge.c of shim/supervise), and it cannot see a policy that is set
 * for one message. So the socket gets the policy "protected or not at all".
 */
#include "libapi/library/supervised.h"

#include "libapi/library/ask_call.h"
#include "libapi/library/msghdr.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Has the process a seccomp filter? */
static bool supervised_has_filter(void)
{
    char text[4096];
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return strstr(text, "\nSeccomp:\t2");
}

static int limit_supervised_socket(int fd)
{
    static const uint32_t protect = IPSEC_ACTION_PROTECT;
    ipsec_policy_t *p = ipsec_create_policy(IPSEC_DEFAULT_POLICY);
    int rc = p ? ipsec_set_policy_attr(p, IPSEC_POLICY_ACTION, sizeof protect, &protect) : -1;
    rc = rc ? rc : ipsec_set_socket_policy(fd, p);
    ipsec_free_policy(p);
    return rc;
}

bool supervised_limit(int fd, const struct msghdr *msg)
{
    int error = errno;
    if (error == EPERM && msg->msg_name && !thread_has_shim() && msghdr_is_set(msg) &&
        ask_is_datagram_socket(fd) && !ask_call_is_shut(fd) && supervised_has_filter() &&
        !limit_supervised_socket(fd))
        return true;
    errno = error;
    return false;
}
