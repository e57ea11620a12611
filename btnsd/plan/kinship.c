/*
 * Reads from /proc how a process is related to another. Numbers of processes are used again, so
 * the answer holds only if the process has not ended after everything was read.
 */
#include "btnsd/plan/kinship.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GENERATIONS = 256 }; /* how far up is looked */

struct status {
    pid_t parent;
    uid_t real, effective, saved;
    gid_t gid; /* effective */
};

/* Reads the beginning of a file; "" if that fails. Every line wanted here is among the first. */
static void read_start(const char *path, char *text, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
}

static bool read_status(pid_t pid, struct status *s)
{
    char path[32], text[2048];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    read_start(path, text, sizeof text);
    const char *parent = strstr(text, "\nPPid:"), *uid = strstr(text, "\nUid:"),
               *gid = strstr(text, "\nGid:");
    return parent && uid && gid && sscanf(parent, "\nPPid: %d", &s->parent) == 1 &&
           sscanf(uid, "\nUid: %u %u %u", &s->real, &s->effective, &s->saved) == 3 &&
           sscanf(gid, "\nGid: %*u %u", &s->gid) == 1;
}

/* 0: this is no pidfd, its process has ended, or it is none of this pid namespace. */
static pid_t number_of(int pidfd)
{
    char path[40], text[512];
    int pid = 0;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    read_start(path, text, sizeof text);
    const char *line = strstr(text, "\nPid:");
    return line && sscanf(line, "\nPid: %d", &pid) == 1 && pid > 0 ? pid : 0;
}

/* A pidfd is readable when its process has ended. */
static bool lives(int pidfd)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    return poll(&p, 1, 0) == 0;
}

static bool descends(pid_t pid, pid_t ancestor)
{
    struct status s;
    for (int i = 0; i < GENERATIONS && pid > 1; i++) {
        if (!read_status(pid, &s))
            return false;
        if (s.parent == ancestor)
            return true;
        pid = s.parent;
    }
    return false;
}

static bool is_of(const struct status *s, uid_t uid)
{
    return !uid || (s->real == uid && s->effective == uid && s->saved == uid);
}

enum kinship kinship_of(int pidfd, pid_t ancestor, uid_t uid)
{
    struct status s;
    pid_t pid = number_of(pidfd);
    if (!pid || !read_status(pid, &s))
        return KIN_UNKNOWN;
    bool kin = is_of(&s, uid) && descends(pid, ancestor);
    return !lives(pidfd) ? KIN_UNKNOWN : kin ? KIN_DESCENDANT : KIN_NONE;
}

bool kinship_read(int pidfd, struct ucred *who)
{
    struct status s;
    pid_t pid = number_of(pidfd);
    if (!pid || !read_status(pid, &s) || !lives(pidfd))
        return false;
    *who = (struct ucred){pid, s.effective, s.gid};
    return true;
}
