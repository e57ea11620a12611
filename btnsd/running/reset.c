/* Ends a program's connection as though its peer had reset it. */
#include "btnsd/running/reset.h"

#include "btnsd/server/passed_fds.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool has_cookie(int fd, uint64_t cookie)
{
    uint64_t c = 0;
    socklen_t len = sizeof c;
    return !getsockopt(fd, SOL_SOCKET, SO_COOKIE, &c, &len) && c == cookie;
}

/* Aborts the connection: connect() to AF_UNSPEC sends a reset (RFC 9293, 3.10.5). */
static int dissolve(int fd)
{
    static const struct sockaddr none = {.sa_family = AF_UNSPEC};
    return connect(fd, &none, sizeof none) ? -errno : 0;
}

/* Returns a copy of the descriptor `number` of the process; -1 if it is not that socket. */
static int copy_descriptor(int process, int number, uint64_t cookie, uid_t uid)
{
    int fd = (int)syscall(SYS_pidfd_getfd, process, number, 0);
    if (fd < 0 || has_cookie(fd, cookie))
        return fd;
    passed_close(fd, uid);
    return -1;
}

static int find(pid_t pid, uint64_t cookie, uid_t uid)
{
    char path[32], link[16];
    int process = (int)syscall(SYS_pidfd_open, pid, 0), fd = -1;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = process < 0 ? NULL : opendir(path);
    for (struct dirent *e; fd < 0 && d && (e = readdir(d));) {
        ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof link);
        if (n > 7 && !memcmp(link, "socket:", 7) && isdigit((unsigned char)*e->d_name))
            fd = copy_descriptor(process, atoi(e->d_name), cookie, uid);
    }
    if (d)
        closedir(d);
    if (process >= 0)
        close(process);
    return fd;
}

static int destroy(struct sockdiag *sockets, const struct latch *l)
{
    struct sock_entry e;
    int rc = sockdiag_find(sockets, &l->local, &l->remote, l->cookie, &e);
    if (!rc && !latch_is_owners(l, e.uid))
        rc = -EPERM;
    return rc ? rc : sockdiag_destroy(sockets, &e.local, &e.remote, l->cookie);
}

/* The owner of the file is that of the socket. */
static bool is_owners(const struct latch *l, int fd)
{
    struct stat st;
    return !fstat(fd, &st) && latch_is_owners(l, st.st_uid);
}

int reset_connection(struct btnsd *d, const struct latch *l)
{
    int rc = d->sockets && l->local.port ? destroy(d->sockets, l) : -EOPNOTSUPP;
    if (rc != -EOPNOTSUPP)
        return rc;
    /* A kernel without INET_DIAG_DESTROY: aborts a copy of the program's own descriptor. */
    int fd = l->pid > 0 ? find(l->pid, l->cookie, l->uid) : -1;
    if (fd < 0)
        return -ESRCH;
    rc = is_owners(l, fd) ? dissolve(fd) : -EPERM;
    passed_close(fd, l->uid);
    return rc;
}
