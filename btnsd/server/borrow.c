/* Copies a descriptor out of a program's process by pidfd_getfd(). */
#include "btnsd/server/borrow.h"

#include "btnsd/base/netns.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/server/turn.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool borrowed_has_cookie(int fd, uint64_t cookie)
{
    uint64_t c = 0;
    socklen_t len = sizeof c;
    return !getsockopt(fd, SOL_SOCKET, SO_COOKIE, &c, &len) && c == cookie;
}

/*
 * Copies the descriptor `number` of the process; -1: it is not the socket with this cookie, or it
 * is of another network namespace, where its user may read the keys that btnsd sets.
 */
static int borrow_descriptor(int process, int number, uint64_t cookie, uid_t uid)
{
    int fd = number < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, number, 0);
    if (fd < 0 || (borrowed_has_cookie(fd, cookie) && netns_of_socket(fd) == NETNS_OURS))
        return fd;
    passed_close(fd, uid);
    return -1;
}

/*
 * btnsd does nothing else during a search, so the descriptors that each user makes it search in a
 * second are counted.
 */
static struct turns searches;
#define SECOND 1000000000u

static bool may_borrow_from(uid_t uid)
{
    uint64_t second = turn_clock() / SECOND + 1;
    if (!turn_has(&searches, uid, second, BORROW_SECOND))
        return false;
    turn_spend(&searches, uid, second, 1);
    return true;
}

static int search_descriptors_to_borrow(pid_t pid, int process, uint64_t cookie, uid_t uid,
                                        int most)
{
    char path[32], link[16];
    int fd = -1;
    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    DIR *d = opendir(path);
    for (struct dirent *e; fd < 0 && d && most-- > 0 && may_borrow_from(uid) && (e = readdir(d));) {
        ssize_t n = readlinkat(dirfd(d), e->d_name, link, sizeof link);
        if (n > 7 && !memcmp(link, "socket:", 7) && isdigit((unsigned char)*e->d_name))
            fd = borrow_descriptor(process, atoi(e->d_name), cookie, uid);
    }
    if (d)
        closedir(d);
    return fd;
}

int socket_borrow(pid_t pid, int number, uint64_t cookie, uid_t uid, int most)
{
    int process = pid > 0 ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
    if (process < 0)
        return -1;
    int fd = borrow_descriptor(process, number, cookie, uid);
    if (fd < 0)
        fd = search_descriptors_to_borrow(pid, process, cookie, uid, most);
    close(process);
    return fd;
}
