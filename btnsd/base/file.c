/* Joins paths, and writes files whole or not at all. */
#include "btnsd/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int file_path(char path[FILE_PATH], const char *dir, const char *name)
{
    if (snprintf(path, FILE_PATH, "%s/%s", dir, name) < FILE_PATH)
        return 0;
    path[0] = '\0';
    return -ENAMETOOLONG;
}

int file_write_all(int fd, const void *data, size_t len)
{
    const char *at = data;
    while (len) {
        ssize_t n = write(fd, at, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        at += n;
        len -= (size_t)n;
    }
    return 0;
}

/* A rename is on disk only when its directory is. */
static int sync_dir_of(const char *path)
{
    char dir[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) : 0;
    snprintf(dir, sizeof dir, "%.*s", (int)len, path);
    int fd = open(slash ? (len ? dir : "/") : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = fsync(fd) ? -errno : 0;
    close(fd);
    return error;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode, bool replace)
{
    char tmp[PATH_MAX];
    if (snprintf(tmp, sizeof tmp, "%s.XXXXXX", path) >= (int)sizeof tmp)
        return -ENAMETOOLONG;
    int fd = mkostemp(tmp, O_CLOEXEC);
    if (fd < 0)
        return -errno;
    int error = file_write_all(fd, data, len);
    if (!error && (fchmod(fd, mode) || fsync(fd)))
        error = -errno;
    close(fd);
    if (!error && renameat2(AT_FDCWD, tmp, AT_FDCWD, path, replace ? 0 : RENAME_NOREPLACE))
        error = -errno;
    if (error)
        unlink(tmp);
    else
        sync_dir_of(path); /* some file systems refuse; the file is in place anyway */
    return error;
}

int file_print(const char *path, mode_t mode, int (*print)(FILE *f, void *arg), void *arg)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);
    int error = f ? print(f, arg) : -ENOMEM;
    if (f && !error && ferror(f))
        error = -ENOMEM;
    if (f && fclose(f) && !error)
        error = -ENOMEM;
    if (!error)
        error = file_write(path, text, len, mode, true);
    free(text);
    return error;
}
