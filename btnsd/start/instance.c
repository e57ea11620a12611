/* Makes sure that only one btnsd uses a run directory at a time. */
#include "btnsd/start/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int instance_only(const char *dir, struct err *err)
{
    char path[PATH_MAX];
    /* The lock belongs to the process, not to the file: no child of a killed btnsd keeps it. */
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    snprintf(path, sizeof path, "%s/btnsd.lock", dir);
    mkdir(dir, 0755);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0 || !fcntl(fd, F_SETLK, &lock))
        return 0; /* fd stays open, as closing it would release the lock */
    fcntl(fd, F_GETLK, &lock);
    close(fd);
    err_set(err, "another btnsd is running (pid %d): nothing was changed", (int)lock.l_pid);
    return -EBUSY;
}
