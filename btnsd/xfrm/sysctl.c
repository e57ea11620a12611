/* Sets the one sysctl of this network namespace that guards depend on. */
#include "btnsd/xfrm/xfrm.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/* As sysctl.d has set it: then it need not be ours to write. */
static bool sysctl_is_off(const char *path)
{
    char value = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool off = fd >= 0 && read(fd, &value, 1) == 1 && value == '0';
    if (fd >= 0)
        close(fd);
    return off;
}

int xfrm_larval_drop_off(struct err *err)
{
    static const char path[] = "/proc/sys/net/core/xfrm_larval_drop";
    int error = 0;
    if (sysctl_is_off(path))
        return 0;
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0\n", 2) != 2) {
        error = -errno;
        err_set(err,
                "%s must be 0 and cannot be set: %s; run sysctl -w net.core.xfrm_larval_drop=0",
                path, strerror(-error));
    }
    if (fd >= 0)
        close(fd);
    return error;
}
