/* Checks that a file or directory can be trusted: only root can have written it. */
#include "btnsd/rules/files/owner.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char *owner_file_type(mode_t mode)
{
    static const struct {
        mode_t type;
        const char *name;
    } names[] = {
        {S_IFREG, "a regular file"},  {S_IFDIR, "a directory"},    {S_IFIFO, "a FIFO"},
        {S_IFCHR, "a device"},        {S_IFBLK, "a block device"}, {S_IFSOCK, "a socket"},
        {S_IFLNK, "a symbolic link"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].type == (mode & S_IFMT))
            return names[i].name;
    return "something else";
}

int policy_check_owner(int fd, mode_t type, const char *path, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st)) {
        int rc = -errno;
        err_set(err, "%s: %s", path, strerror(-rc));
        return rc;
    }
    if ((st.st_mode & S_IFMT) != type) {
        err_set(err, "%s: is %s, not %s", path, owner_file_type(st.st_mode), owner_file_type(type));
        return -EINVAL;
    }
    if (st.st_uid != 0) {
        err_set(err, "%s: belongs to user %u, not to root", path, st.st_uid);
        return -EPERM;
    }
    /* A sticky bit does not help: others can still add files. */
    if (st.st_mode & (S_IWGRP | S_IWOTH)) {
        err_set(err, "%s: can be written by group or others (mode %04o): chmod go-w it", path,
                st.st_mode & 07777u);
        return -EPERM;
    }
    return 0;
}
