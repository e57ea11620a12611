/* Descriptors that others passed to us. */
#include "passed.h"

#include "log.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#define LINGER_US 1000

static void nothing(int sig)
{
    (void)sig;
}

/* Lingering ends at a signal. To look first whether it lingers would be a race with its owner. */
static void close_socket(int fd)
{
    static const struct itimerval soon = {.it_interval = {0, LINGER_US},
                                          .it_value = {0, LINGER_US}};
    static const struct itimerval off;
    struct sigaction act = {.sa_handler = nothing}, before;
    sigaction(SIGALRM, &act, &before);
    setitimer(ITIMER_REAL, &soon, NULL);
    close(fd);
    setitimer(ITIMER_REAL, &off, NULL);
    sigaction(SIGALRM, &before, NULL);
}

/*
 * In a child that shares our table of descriptors, not our memory: the number is free at once for
 * us, and it is the child that waits. Only system calls in it: other threads' locks are copied.
 */
static void close_elsewhere(int fd)
{
    long pid = syscall(SYS_clone, CLONE_FILES | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        syscall(SYS_close, fd);
        syscall(SYS_exit, 0);
    }
    if (pid < 0)
        log_note("descriptor %d stays open: %s", fd, strerror(errno));
}

void passed_close(int fd)
{
    int type;
    socklen_t len = sizeof type;
    if (!getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len))
        close_socket(fd);
    else
        close_elsewhere(fd);
}
