/* Sets the one sysctl of this network namespace that guards depend on. */
#include "btnsd/xfrm/xfrm.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int xfrm_larval_drop_off(struct err *err)
{
    static const char path[] = "/proc/sys/net/core/xfrm_larval_drop";
    int error = 0;
    int fd = open(path, O_WRONLY | O_CLOEXEC);

    if (fd < 0 || write(fd, "0\n", 2) != 2) {
        error = -errno;
        err_set(err, "cannot set net.core.xfrm_larval_drop to 0 in %s: %s", path, strerror(-error));
    }
    if (fd >= 0)
        close(fd);
    return error;
}
