/* Closes descriptors that programs passed to us, without waiting. */
#include "btnsd/server/passed_fds.h"

#include "btnsd/base/log_rate.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define CLOSERS          64
#define CLOSERS_PER_USER 8
#define WAIT_US          1000

static struct closer {
    pid_t pid; /* 0: free */
    uid_t uid;
} closer[CLOSERS];

static void ignore_passed_signal(int sig)
{
    (void)sig;
}

void passed_init(void)
{
    struct sigaction act = {.sa_handler = ignore_passed_signal};
    sigaction(SIGALRM, &act, NULL);
}

/*
 * A signal interrupts close() on a lingering socket. Asking first whether a socket lingers would
 * race with its owner.
 */
void passed_begin(void)
{
    static const struct itimerval soon = {{0, WAIT_US}, {0, WAIT_US}};
    setitimer(ITIMER_REAL, &soon, NULL);
}

void passed_end(void)
{
    static const struct itimerval off;
    int saved = errno;
    setitimer(ITIMER_REAL, &off, NULL);
    errno = saved;
}

/*
 * Closes the descriptor in a child that shares our descriptor table but not our memory: for us the
 * number is free at once, and only the child waits. The child makes only system calls.
 */
static void close_passed_elsewhere(int fd, uid_t uid)
{
    struct closer *c = closer;
    while (c < closer + CLOSERS && c->pid)
        c++;
    long pid = c < closer + CLOSERS ? syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0) : -1;
    if (pid == 0) {
        syscall(SYS_close, fd);
        syscall(SYS_exit, 0);
    }
    if (pid > 0)
        *c = (struct closer){(pid_t)pid, uid};
    else
        log_rated(log_warning, "files that stay open", "a file that uid %u passed stays open", uid);
}

void passed_close(int fd, uid_t uid)
{
    int type;
    socklen_t len = sizeof type;
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len)) {
        close_passed_elsewhere(fd, uid);
        return;
    }
    passed_begin();
    close(fd);
    passed_end();
}

bool passed_too_many(uid_t uid)
{
    unsigned n = 0;
    for (const struct closer *c = closer; c < closer + CLOSERS; c++)
        n += c->pid && c->uid == uid;
    return uid && n >= CLOSERS_PER_USER;
}

bool passed_reaped(pid_t pid)
{
    for (struct closer *c = closer; c < closer + CLOSERS; c++)
        if (c->pid == pid) {
            c->pid = 0;
            return true;
        }
    return false;
}
