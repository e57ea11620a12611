/* Finds the file for a program's name, as execvp() does. */
#include "libapi/tool/find.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Checks with the effective ids, as execve() does; a file on a noexec mount fails, too. */
static int is_found_executable(const char *path)
{
    struct stat st;
    if (stat(path, &st))
        return -errno;
    if (!S_ISREG(st.st_mode) || faccessat(AT_FDCWD, path, X_OK, AT_EACCESS))
        return -EACCES;
    return 0;
}

/* $PATH, or execvp()'s default if it is not set. The caller frees the result. */
static char *find_path_dirs(void)
{
    const char *path = getenv("PATH");
    if (path)
        return strdup(path);
    size_t n = confstr(_CS_PATH, NULL, 0);
    char *standard = malloc(n ? n : 1);
    if (standard)
        confstr(_CS_PATH, standard, n);
    return standard;
}

/* An empty element is the current directory (POSIX, "Other Environment Variables"). */
static int find_in_dirs(char *dirs, const char *name, char path[PATH_MAX])
{
    int ret = -ENOENT;
    for (char *next = dirs; next;) {
        const char *dir = strsep(&next, ":");
        int n = snprintf(path, PATH_MAX, "%s%s%s", dir, *dir ? "/" : "", name);
        if (n < 0 || n >= PATH_MAX)
            continue;
        int error = is_found_executable(path);
        if (!error)
            return 0;
        if (error == -EACCES)
            ret = error;
    }
    return ret;
}

static int find_file(const char *name, char path[PATH_MAX])
{
    if (!*name)
        return -ENOENT;
    if (strlen(name) >= PATH_MAX)
        return -ENAMETOOLONG;
    if (strchr(name, '/')) {
        strcpy(path, name);
        return is_found_executable(path);
    }
    char *dirs = find_path_dirs();
    if (!dirs)
        return -ENOMEM;
    int ret = find_in_dirs(dirs, name, path);
    free(dirs);
    return ret;
}

int find_program(const char *name, char path[PATH_MAX], struct err *err)
{
    int ret = find_file(name, path);
    if (ret == -ENOENT || ret == -ENOTDIR) {
        err_set(err, "%s: no such program%s", name, strchr(name, '/') ? "" : " in PATH");
        return -ENOENT;
    }
    if (ret)
        err_set(err, "%s: cannot be executed: %s", name, strerror(-ret));
    return ret;
}
