/* Makes sure that only one btnsd uses a run directory at a time. */
#include "btnsd/start/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The lock belongs to the open file, and our memory alone holds that file open: no child gets this
 * mapping. A lock of fcntl(F_SETLK), or a descriptor, would stay with a child that shares our
 * descriptors (server/passed_fds.c): if a program's file never closes, a killed btnsd could not be
 * started again.
 */
static void hold_instance_by_memory(int fd)
{
    const size_t len = 1;
    void *held = mmap(NULL, len, PROT_NONE, MAP_SHARED, fd, 0);
    if (held == MAP_FAILED)
        return; /* the descriptor stays open */
    if (madvise(held, (size_t)sysconf(_SC_PAGESIZE), MADV_DONTFORK))
        munmap(held, len);
    else
        close(fd);
}

static void write_instance_pid(int fd)
{
    if (ftruncate(fd, 0) || dprintf(fd, "%d\n", (int)getpid()) < 0)
        return; /* the pid is only for the message of the next one that tries */
}

/* An older btnsd's lock names its process; ours does not, so the file does. */
static int instance_lock_holder(int fd)
{
    char text[16];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (!fcntl(fd, F_GETLK, &lock) && lock.l_type != F_UNLCK && lock.l_pid > 0)
        return lock.l_pid;
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    return (int)strtol(text, NULL, 10);
}

int instance_only(const char *dir, struct err *err)
{
    char path[PATH_MAX];
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    snprintf(path, sizeof path, "%s/btnsd.lock", dir);
    mkdir(dir, 0755);
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return 0;
    if (!fcntl(fd, F_OFD_SETLK, &lock)) {
        write_instance_pid(fd);
        hold_instance_by_memory(fd);
        return 0;
    }
    err_set(err, "another btnsd is running (pid %d): nothing was changed",
            instance_lock_holder(fd));
    close(fd);
    return -EBUSY;
}
