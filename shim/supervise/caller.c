/*
 * Thread and process numbers are reused. While the caller waits in its call, the number is its own:
 * so each function reads first, then checks that the caller still waits, and only then uses what it
 * has read.
 */
#include "shim/supervise/caller.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef PIDFD_THREAD
#define PIDFD_THREAD O_EXCL
#endif

ssize_t caller_proc_read(pid_t pid, const char *name, char *text, size_t size)
{
    char path[48];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);
    if (fd >= 0)
        close(fd);
    text[n < 0 ? 0 : n] = '\0';
    return n;
}

/* The kernel's notification has the thread's number, not the process's. */
static pid_t callers_process(pid_t thread)
{
    char text[1024];
    int pid = 0;
    const char *line =
        caller_proc_read(thread, "status", text, sizeof text) > 0 ? strstr(text, "\nTgid:") : NULL;
    return line && sscanf(line, "\nTgid: %d", &pid) == 1 ? pid : 0;
}

bool caller_take(int listener, struct caller *c)
{
    memset(c, 0, sizeof *c);
    c->listener = listener;
    c->process = c->voice = -1;
    if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &c->call) < 0)
        return false;
    pid_t thread = (pid_t)c->call.pid;
    c->pid = thread;
    c->process = (int)syscall(SYS_pidfd_open, thread, 0);
    if (c->process < 0) { /* pidfd_open() accepts only a process's first thread */
        c->pid = callers_process(thread);
        c->process = c->pid ? (int)syscall(SYS_pidfd_open, c->pid, 0) : -1;
    }
    return true;
}

void caller_close(struct caller *c)
{
    if (c->process >= 0)
        close(c->process);
    c->process = -1;
}

bool caller_waits(const struct caller *c)
{
    return ioctl(c->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &c->call.id) == 0;
}

bool caller_lives(const struct caller *c)
{
    struct pollfd p = {.fd = c->process, .events = POLLIN};
    return c->process >= 0 && poll(&p, 1, 0) == 0;
}

int caller_read(const struct caller *c, uint64_t at, void *to, size_t len)
{
    struct iovec here = {to, len}, there = {(void *)(uintptr_t)at, len};
    ssize_t n = process_vm_readv((pid_t)c->call.pid, &here, 1, &there, 1, 0);
    int error = n < 0 ? errno : (size_t)n == len ? 0 : EFAULT;
    return !caller_waits(c) ? -ESRCH : -error;
}

int caller_write(const struct caller *c, uint64_t at, const void *from, size_t len)
{
    struct iovec here = {(void *)(uintptr_t)from, len}, there = {(void *)(uintptr_t)at, len};
    if (!caller_waits(c))
        return -ESRCH;
    ssize_t n = process_vm_writev((pid_t)c->call.pid, &here, 1, &there, 1, 0);
    return n < 0 ? -errno : (size_t)n == len ? 0 : -EFAULT;
}

static int copy_callers_descriptor(int process, int number)
{
    int fd = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, number, 0);
    if (fd >= 0)
        return fd;
    return process >= 0 && (errno == EPERM || errno == EMFILE) ? -errno : -EBADF;
}

static bool is_callers(const struct caller *c, int fd, int number)
{
    char path[64];
    struct stat copy, own;
    snprintf(path, sizeof path, "/proc/%u/fd/%d", c->call.pid, number);
    return fd >= 0 && !fstat(fd, &copy) && !stat(path, &own) && copy.st_dev == own.st_dev &&
           copy.st_ino == own.st_ino;
}

/*
 * A thread may have a descriptor table of its own (unshare(CLONE_FILES)), and it may outlive the
 * first thread, whose table is the process's. Linux before 6.9 gives no access to a thread's own
 * table.
 */
static int find_callers_descriptor(const struct caller *c, int number)
{
    int fd = copy_callers_descriptor(c->process, number);
    if (c->pid == (pid_t)c->call.pid || is_callers(c, fd, number))
        return fd;
    if (fd >= 0)
        close(fd);
    int thread = (int)syscall(SYS_pidfd_open, c->call.pid, PIDFD_THREAD);
    fd = copy_callers_descriptor(thread, number);
    if (thread >= 0)
        close(thread);
    return fd;
}

int caller_descriptor(const struct caller *c, int number)
{
    int fd = find_callers_descriptor(c, number);
    if (caller_waits(c))
        return fd;
    if (fd >= 0)
        close(fd);
    return -ESRCH;
}

int caller_standard_error(const struct caller *c)
{
    if (c->voice >= 0)
        return fcntl(c->voice, F_DUPFD_CLOEXEC, 0);
    int fd = c->process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, c->process, STDERR_FILENO, 0);
    return fd < 0 ? -errno : fd;
}

bool caller_maps(const struct caller *c, const char *file)
{
    char path[48], *line = NULL;
    size_t room = 0;
    bool found = false;
    snprintf(path, sizeof path, "/proc/%d/maps", c->pid);
    FILE *f = fopen(path, "re");
    while (f && !found && getline(&line, &room, f) > 0)
        found = strstr(line, file);
    free(line);
    if (f)
        fclose(f);
    return found;
}

void caller_keep_voice(struct caller *c)
{
    char name[sizeof c->name];
    int fd = caller_standard_error(c);
    caller_name(c, name, sizeof name);
    memcpy(c->name, name, sizeof name);
    c->voice = fd < 0 ? -1 : fd;
}

void caller_drop_voice(struct caller *c)
{
    if (c->voice >= 0)
        close(c->voice);
    c->voice = -1;
}

void caller_name(const struct caller *c, char *name, size_t size)
{
    char text[4096];
    if (c->voice >= 0) {
        snprintf(name, size, "%s", c->name);
        return;
    }
    ssize_t n = caller_proc_read(c->pid, "cmdline", text, sizeof text);
    const char *slash = n > 0 ? strrchr(text, '/') : NULL;
    snprintf(name, size, "%s", n > 0 && *text ? slash ? slash + 1 : text : "?");
}

static bool answer_caller(const struct caller *c, struct seccomp_notif_resp r)
{
    r.id = c->call.id;
    return ioctl(c->listener, SECCOMP_IOCTL_NOTIF_SEND, &r) == 0;
}

bool caller_answer(const struct caller *c, long result)
{
    return answer_caller(c, (struct seccomp_notif_resp){.val = result < 0 ? 0 : result,
                                                        .error = result < 0 ? (int)result : 0});
}

bool caller_go_on(const struct caller *c)
{
    return answer_caller(c, (struct seccomp_notif_resp){.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE});
}
