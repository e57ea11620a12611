/*
 * Reads from /proc how two processes are related. Process numbers are reused, so the answer holds
 * only if the process is still alive after everything was read.
 */
#include "btnsd/plan/kinship.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GENERATIONS = 256 }; /* how many ancestors are looked at */

struct status {
    pid_t parent;
    uid_t uid[3]; /* real, effective, saved */
    gid_t gid[3];
    uid_t owner; /* of the process's files in /proc */
};

/*
 * Reads the beginning of a file, and its owner. All lines that are needed are near the beginning.
 */
static bool read_kin_proc_start(const char *path, char *text, size_t size, uid_t *owner)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 || fstat(fd, &st) ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    if (n < 0)
        return false;
    text[n] = '\0';
    *owner = st.st_uid;
    return true;
}

static bool read_kin_status(pid_t pid, struct status *s)
{
    char path[32], text[2048];
    int group;
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    if (!read_kin_proc_start(path, text, sizeof text, &s->owner))
        return false;
    const char *tgid = strstr(text, "\nTgid:"), *parent = strstr(text, "\nPPid:"),
               *uid = strstr(text, "\nUid:"), *gid = strstr(text, "\nGid:");
    return tgid && parent && uid && gid && sscanf(tgid, "\nTgid: %d", &group) == 1 &&
           group == pid && /* otherwise pid is a thread */
           sscanf(parent, "\nPPid: %d", &s->parent) == 1 &&
           sscanf(uid, "\nUid: %u %u %u", &s->uid[0], &s->uid[1], &s->uid[2]) == 3 &&
           sscanf(gid, "\nGid: %u %u %u", &s->gid[0], &s->gid[1], &s->gid[2]) == 3;
}

/* 0: not a pidfd, or its process has ended, or is in another pid namespace. */
static pid_t kin_pidfd_number(int pidfd)
{
    char path[40], text[512];
    int pid = 0;
    uid_t owner;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
    const char *line =
        read_kin_proc_start(path, text, sizeof text, &owner) ? strstr(text, "\nPid:") : NULL;
    return line && sscanf(line, "\nPid: %d", &pid) == 1 && pid > 0 ? pid : 0;
}

/* A pidfd is readable when its process has ended. */
static bool kin_lives(int pidfd)
{
    struct pollfd p = {.fd = pidfd, .events = POLLIN};
    return poll(&p, 1, 0) == 0;
}

static bool kin_descends_from(pid_t pid, pid_t ancestor)
{
    struct status s;
    for (int i = 0; i < GENERATIONS && pid > 1; i++) {
        if (!read_kin_status(pid, &s))
            return false;
        if (s.parent == ancestor)
            return true;
        pid = s.parent;
    }
    return false;
}

/*
 * The kernel's own test for ptrace(2): a user can make a process that the user may trace do
 * anything, so believing what it says gives the user nothing new. If a set-user-ID or set-group-ID
 * program, or one with file capabilities, gains privileges or drops them again, root owns the
 * process's files in /proc (proc(5), PR_SET_DUMPABLE). The same holds for a program that its user
 * may not read.
 */
static bool is_kin_speakers_own(const struct status *s, const struct ucred *speaker)
{
    if (!speaker->uid)
        return true;
    for (int i = 0; i < 3; i++)
        if (s->uid[i] != speaker->uid || s->gid[i] != speaker->gid)
            return false;
    return s->owner == speaker->uid;
}

enum kinship kinship_of(int pidfd, const struct ucred *speaker)
{
    struct status s;
    pid_t pid = kin_pidfd_number(pidfd);
    if (!pid || !read_kin_status(pid, &s))
        return KIN_UNKNOWN;
    bool kin = is_kin_speakers_own(&s, speaker) && kin_descends_from(pid, speaker->pid);
    return !kin_lives(pidfd) ? KIN_UNKNOWN : kin ? KIN_DESCENDANT : KIN_NONE;
}

bool kinship_read(int pidfd, struct ucred *who)
{
    struct status s;
    pid_t pid = kin_pidfd_number(pidfd);
    if (!pid || !read_kin_status(pid, &s) || !kin_lives(pidfd))
        return false;
    *who = (struct ucred){pid, s.uid[1], s.gid[1]};
    return true;
}
