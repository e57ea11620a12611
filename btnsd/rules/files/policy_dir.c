/* Opens the policy directory, one component of its path at a time. */
#include "btnsd/rules/files/owner.h"
#include "btnsd/rules/files/source.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define OPEN_DIR (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static int cannot_open_dir(int parent, const char *name, const char *path, int error,
                           struct err *err)
{
    struct stat st;
    bool link = (error == ELOOP || error == ENOTDIR) &&
                !fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) && S_ISLNK(st.st_mode);
    if (link)
        err_set(err, "%s: is a symbolic link: name the real directory", path);
    else if (error == ENOENT)
        err_set(err, "%s: no such directory", path);
    else
        err_set(err, "%s: %s", path, strerror(error));
    return -error;
}

/* Opens the component that ends at path's end; closes parent. */
static int open_dir_component(int parent, const char *name, const char *path, struct err *err)
{
    int fd = openat(parent, name, OPEN_DIR);
    int rc = fd < 0 ? cannot_open_dir(parent, name, path, errno, err) : 0;
    if (parent != AT_FDCWD)
        close(parent);
    if (rc)
        return rc;
    rc = policy_check_owner(fd, S_IFDIR, path, err);
    if (!rc)
        return fd;
    close(fd);
    return rc;
}

int policy_dir_open(const char *dir, struct err *err)
{
    char path[PATH_MAX];
    size_t len = strlen(dir), at = 0;
    if (dir[0] != '/' || len >= sizeof path) {
        err_set(err, "%s: not an absolute path", dir);
        return -EINVAL;
    }
    int fd = open_dir_component(AT_FDCWD, "/", "/", err);
    while (fd >= 0 && at < len) {
        at += strspn(dir + at, "/");
        size_t n = strcspn(dir + at, "/");
        if (!n)
            break;
        memcpy(path, dir, at + n);
        path[at + n] = 0;
        fd = open_dir_component(fd, path + at, path, err);
        at += n;
    }
    return fd;
}
