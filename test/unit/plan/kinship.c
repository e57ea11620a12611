/* May a process speak for another: real processes, by their pidfds. TAP. */
#include "btnsd/plan/kinship.h"
#include "test/unit/check.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOMEBODY 65534

/* A child with these ids that waits to be killed. deep: its child, too, in *grandchild. */
static pid_t make_child(uid_t real, uid_t effective, pid_t *grandchild)
{
    int ready[2];
    pid_t below = 0;
    if (pipe2(ready, O_CLOEXEC))
        return -1;
    pid_t pid = fork();
    if (!pid) {
        if (grandchild && !(below = fork()))
            pause();
        if (!geteuid() &&
            (setresgid(SOMEBODY, SOMEBODY, SOMEBODY) || setresuid(real, effective, effective)))
            _exit(1);
        if (write(ready[1], &below, sizeof below) < 0)
            _exit(1);
        pause();
        _exit(0);
    }
    close(ready[1]);
    if (read(ready[0], &below, sizeof below) != sizeof below)
        pid = -1;
    close(ready[0]);
    if (grandchild)
        *grandchild = below;
    return pid;
}

static int open_process(pid_t pid)
{
    return (int)syscall(SYS_pidfd_open, pid, 0);
}

static void end_process(pid_t pid, int fd)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(fd);
}

static void test_descent(void)
{
    struct ucred who;
    pid_t below, child = make_child(geteuid(), geteuid(), &below);
    int fd = open_process(child), fd_below = open_process(below);
    check(kinship_of(fd, getpid(), geteuid()) == KIN_DESCENDANT, "a child is below its parent");
    check(kinship_of(fd_below, getpid(), geteuid()) == KIN_DESCENDANT, "so is a grandchild");
    check(kinship_of(fd, below, geteuid()) == KIN_NONE, "a parent is not below its child");
    check(kinship_of(fd, child, geteuid()) == KIN_NONE, "a process is not below itself");
    check(kinship_read(fd, &who) && who.pid == child && who.uid == geteuid(),
          "its number and its user are read");
    kill(below, SIGKILL);
    end_process(child, fd_below);
    check(kinship_of(fd, getpid(), geteuid()) == KIN_UNKNOWN, "an ended process is none");
    check(!kinship_read(fd, &who), "and nothing is read of it");
    close(fd);
}

static void test_users(void)
{
    if (geteuid()) {
        check(true, "# SKIP other users need root");
        return;
    }
    pid_t child = make_child(SOMEBODY, SOMEBODY, NULL), mixed = make_child(1000, SOMEBODY, NULL);
    int fd = open_process(child), fd_mixed = open_process(mixed);
    check(kinship_of(fd, getpid(), 0) == KIN_DESCENDANT, "root may speak for any user's below it");
    check(kinship_of(fd, getpid(), SOMEBODY) == KIN_DESCENDANT, "a user for his own");
    check(kinship_of(fd, getpid(), 1000) == KIN_NONE, "but not for another's");
    check(kinship_of(fd_mixed, getpid(), SOMEBODY) == KIN_NONE,
          "nor for one that is another's in part");
    end_process(child, fd);
    end_process(mixed, fd_mixed);
}

static void test_others(void)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), first = open_process(1);
    check(kinship_of(null, getpid(), 0) == KIN_UNKNOWN, "a file is no process");
    check(kinship_of(-1, getpid(), 0) == KIN_UNKNOWN, "nor is nothing");
    check(kinship_of(first, getpid(), 0) == KIN_NONE, "the first process is below nobody");
    close(null);
    close(first);
}

int main(void)
{
    test_descent();
    test_users();
    test_others();
    return check_end();
}
