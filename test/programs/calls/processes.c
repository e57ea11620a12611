/* Calls that create processes or change a process's surroundings, and system calls by number. */
#include "test/programs/calls/calls.h"

#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

void numbers(void)
{
    int server = listener(), fd = tcp();
    struct sockaddr_in a = v4(port_of(server));
    TRY(syscall(SYS_connect, fd, &a, sizeof a));
    TRY(syscall(SYS_connect, fd, &a, sizeof a));
    TRY(syscall(SYS_connect, -1, &a, sizeof a));
    TRY(syscall(SYS_accept4, server, NULL, NULL, 12345));
    TRY(syscall(SYS_listen, -1, 3));
    TRY(syscall(SYS_bind, fd, &a, sizeof a));
    TRY(syscall(SYS_sendto, -1, "x", 1L, 0, NULL, 0));
    TRY(syscall(SYS_lseek, -1, 0L, SEEK_SET));
    TRY(syscall(424242L));
    TRY(syscall(SYS_getpid) == getpid());
    TRY(prctl(424242, 0L, 0L, 0L, 0L));
    TRY(syscall(SYS_prctl, PR_GET_DUMPABLE, 0L, 0L, 0L, 0L));
    TRY(syscall(SYS_close, fd));
    close(server);
}

static char stack_of_child[65536];

static int ends_with(void *arg)
{
    return *(int *)arg;
}

static int status_of(pid_t pid)
{
    int status = -1;
    return waitpid(pid, &status, 0) == pid ? status : -1;
}

void processes(void)
{
    int how = 5, fd = tcp();
    pid_t pid = vfork();
    if (!pid)
        _exit(3);
    printf("vfork: %#x\n", (unsigned)status_of(pid));
    pid = __vfork();
    if (!pid)
        _exit(4);
    printf("__vfork: %#x\n", (unsigned)status_of(pid));
    pid = clone(ends_with, stack_of_child + sizeof stack_of_child, SIGCHLD, &how);
    printf("clone: %#x\n", (unsigned)status_of(pid));
    pid = __clone(ends_with, stack_of_child + sizeof stack_of_child, SIGCHLD, &how);
    printf("__clone: %#x\n", (unsigned)status_of(pid));
    TRY(clone(NULL, NULL, SIGCHLD, NULL));
    TRY(chroot("/no/such/place"));
    TRY(unshare(0));
    TRY(unshare(-1));
    TRY(setns(-1, 0));
    TRY(setns(fd, CLONE_NEWNET));
    /* errno is not printed: it depends on whether another program had one of the ports. */
    printf("bindresvport(fd, NULL) = %d\n", bindresvport(fd, NULL));
    TRY(bindresvport(-1, NULL));
    close(fd);
}
