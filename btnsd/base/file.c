/* Joins paths, and writes files completely or not at all. */
#include "btnsd/base/file.h"
#include "btnsd/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
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

/* Syncs the directory, because a rename is on disk only when the directory is. */
static int sync_file_dir(const char *path)
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

/* Gives the file its mode and puts it in the place of path, or removes it. */
static int finish_file(int fd, const char *tmp, const char *path, mode_t mode, bool replace,
                       int error)
{
    if (!error && (fchmod(fd, mode) || fsync(fd)))
        error = -errno;
    if (!error && renameat2(AT_FDCWD, tmp, AT_FDCWD, path, replace ? 0 : RENAME_NOREPLACE))
        error = -errno;
    if (error)
        unlink(tmp);
    else
        sync_file_dir(path); /* some file systems refuse to sync; the file is in place anyway */
    return error;
}

#define UNFINISHED ".unfinished"

/* Makes an empty file beside path and stores its name in tmp. Returns its descriptor or -errno. */
static int open_new_file_beside(const char *path, char tmp[PATH_MAX])
{
    if (snprintf(tmp, PATH_MAX, "%s.XXXXXX" UNFINISHED, path) >= PATH_MAX)
        return -ENAMETOOLONG;
    int fd = mkostemps(tmp, strlen(UNFINISHED), O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int file_write(const char *path, const void *data, size_t len, mode_t mode, bool replace)
{
    char tmp[PATH_MAX];
    int fd = open_new_file_beside(path, tmp);
    if (fd < 0)
        return fd;
    int error = finish_file(fd, tmp, path, mode, replace, file_write_all(fd, data, len));
    close(fd);
    return error;
}

/*
 * Prints straight to the file, not to memory first: a registry of many latches is large and written
 * often.
 */
int file_print(const char *path, mode_t mode, int (*print)(FILE *f, void *arg), void *arg)
{
    char tmp[PATH_MAX];
    int fd = open_new_file_beside(path, tmp);
    if (fd < 0)
        return fd;
    FILE *f = fdopen(fd, "w");
    int error = f ? print(f, arg) : -ENOMEM;
    if (f && !error && (fflush(f) || ferror(f)))
        error = errno ? -errno : -EIO;
    error = finish_file(fd, tmp, path, mode, true, error);
    if (f)
        fclose(f);
    else
        close(fd);
    return error;
}

static int remove_unfinished_file(const char *path, const struct stat *st, int type,
                                  struct FTW *where)
{
    const char *end = path + strlen(path) - strlen(UNFINISHED);
    (void)st;
    (void)where;
    if (type == FTW_F && end > path && !strcmp(end, UNFINISHED) && !unlink(path))
        log_note("%s is removed: an earlier btnsd ended while it wrote the file", path);
    return 0;
}

void file_remove_unfinished(const char *dir)
{
    const int descriptors = 8;
    nftw(dir, remove_unfinished_file, descriptors, FTW_PHYS);
}
