/* Reads a file that only root can have written. */
#include "btnsd/rules/files/private_file.h"

#include "btnsd/rules/files/owner.h"
#include "btnsd/rules/files/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_private_file(int fd, const char *path, bool private, size_t max, struct stat *st,
                              struct err *err)
{
    int rc = policy_check_owner(fd, S_IFREG, path, err);
    if (rc)
        return rc;
    if (fstat(fd, st))
        return -errno;
    if (private && st->st_mode & (S_IRWXG | S_IRWXO)) {
        err_set(err, "%s: others have rights to it (mode %04o): chmod 600 it", path,
                st->st_mode & 07777u);
        return -EPERM;
    }
    if (st->st_size > 0 && (size_t)st->st_size > max) {
        err_set(err, "%s: larger than %zu octets", path, max);
        return -EFBIG;
    }
    return 0;
}

static int read_whole_private(int fd, const char *path, size_t size, char **data, size_t *len,
                              struct err *err)
{
    ssize_t n = 0;
    *len = 0;
    *data = malloc(size + 1);
    if (!*data) {
        err_set(err, "%s: out of memory", path);
        return -ENOMEM;
    }
    while (*len < size && (n = read(fd, *data + *len, size - *len)) > 0)
        *len += (size_t)n;
    if (n >= 0)
        return 0;
    int rc = -errno;
    err_set(err, "%s: %s", path, strerror(-rc));
    free(*data);
    *data = NULL;
    return rc;
}

static int read_private_file(const char *dir, const char *name, bool private, size_t max,
                             char **data, size_t *len, struct err *err)
{
    char path[512];
    struct stat st;
    *data = NULL;
    int at = policy_dir_open(dir, err);
    if (at < 0)
        return at;
    snprintf(path, sizeof path, "%s/%s", dir, name);
    int fd = openat(at, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    int rc = fd < 0 ? -errno : 0;
    close(at);
    if (rc)
        err_set(err, "%s: %s", path, strerror(-rc));
    else
        rc = check_private_file(fd, path, private, max, &st, err);
    if (!rc)
        rc = read_whole_private(fd, path, (size_t)st.st_size, data, len, err);
    if (fd >= 0)
        close(fd);
    return rc;
}

int private_file_read(const char *dir, const char *name, size_t max, char **data, size_t *len,
                      struct err *err)
{
    return read_private_file(dir, name, true, max, data, len, err);
}

int private_file_read_roots(const char *dir, const char *name, size_t max, char **data, size_t *len,
                            struct err *err)
{
    return read_private_file(dir, name, false, max, data, len, err);
}
