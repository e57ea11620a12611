/* Sets the sysctls of this network namespace that protected connections need. */
#include "btnsd/xfrm/xfrm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* The present value: if sysctl.d has already set it, btnsd need not be able to write it. */
static char sysctl_value(const char *path)
{
    char value = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && read(fd, &value, 1) != 1)
        value = 0;
    if (fd >= 0)
        close(fd);
    return value;
}

static int sysctl_write(const char *path, const char *value)
{
    int error = 0;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, value, strlen(value)) != (ssize_t)strlen(value))
        error = -errno;
    if (fd >= 0)
        close(fd);
    return error;
}

int sysctl_larval_drop_off(struct err *err)
{
    static const char path[] = "/proc/sys/net/core/xfrm_larval_drop";
    int error = sysctl_value(path) == '0' ? 0 : sysctl_write(path, "0\n");
    if (error)
        err_set(err,
                "%s must be 0 and cannot be set: %s; run sysctl -w net.core.xfrm_larval_drop=0",
                path, strerror(-error));
    return error;
}

int sysctl_tcp_probing_on(struct err *err)
{
    static const char path[] = "/proc/sys/net/ipv4/tcp_mtu_probing";
    int error = sysctl_value(path) == '0' ? sysctl_write(path, "1\n") : 0;
    if (error)
        err_set(err,
                "%s is 0 and cannot be set: %s; protected connections hang where full segments "
                "are lost and no ICMP error comes: run sysctl -w net.ipv4.tcp_mtu_probing=1",
                path, strerror(-error));
    return error;
}
