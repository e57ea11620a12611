/* May one process speak for another? With real processes, by their pidfds. TAP. */
#include "btnsd/plan/kinship.h"
#include "test/unit/check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOMEBODY 65534
#define PLAIN                                                                                      \
    (struct ids)                                                                                   \
    {                                                                                              \
        SOMEBODY, SOMEBODY, SOMEBODY, SOMEBODY, true                                               \
    }

struct ids {
    uid_t real, effective;
    gid_t real_group, effective_group;
    bool dumpable; /* false: like a set-user-ID program that has given up its privileges */
};

/*
 * Forks a child with these ids, which has a child of its own (*grandchild); both wait to be killed.
 */
static pid_t make_child(struct ids i, pid_t *grandchild)
{
    int ready[2];
    pid_t below = 0;
    if (pipe2(ready, O_CLOEXEC))
        return -1;
    pid_t pid = fork();
    if (!pid) {
        if (grandchild && !(below = fork()))
            pause();
        if (!geteuid() && (setresgid(i.real_group, i.effective_group, i.effective_group) ||
                           setresuid(i.real, i.effective, i.effective)))
            _exit(1);
        prctl(PR_SET_DUMPABLE, i.dumpable);
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

/* The result when this process, as a user with these ids, wants to speak for the child. */
static enum kinship spoken_by(int fd, uid_t uid, gid_t gid)
{
    return kinship_of(fd, &(struct ucred){getpid(), uid, gid});
}

static enum kinship spoken_by_us(int fd, pid_t pid)
{
    return kinship_of(fd, &(struct ucred){pid, geteuid(), getegid()});
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
    pid_t below, child = make_child(PLAIN, &below);
    uid_t uid = geteuid() ? geteuid() : SOMEBODY;
    int fd = open_process(child), fd_below = open_process(below);
    check(spoken_by_us(fd, getpid()) == KIN_DESCENDANT, "a child is below its parent");
    check(spoken_by_us(fd_below, getpid()) == KIN_DESCENDANT, "so is a grandchild");
    check(spoken_by_us(fd, below) == KIN_NONE, "a parent is not below its child");
    check(spoken_by_us(fd, child) == KIN_NONE, "a process is not below itself");
    check(kinship_read(fd, &who) && who.pid == child && who.uid == uid,
          "its number and its user are read");
    kill(below, SIGKILL);
    kill(child, SIGKILL);
    siginfo_t info;
    waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT);
    check(spoken_by_us(fd, getpid()) == KIN_UNKNOWN, "a zombie is no process");
    end_process(child, fd_below);
    check(spoken_by_us(fd, getpid()) == KIN_UNKNOWN, "nor is an ended one");
    check(!kinship_read(fd, &who), "and nothing is read of it");
    close(fd);
}

static enum kinship spoken_by_somebody(struct ids i)
{
    pid_t child = make_child(i, NULL);
    int fd = open_process(child);
    enum kinship k = spoken_by(fd, SOMEBODY, SOMEBODY);
    if (spoken_by(fd, 0, 0) != KIN_DESCENDANT)
        k = KIN_UNKNOWN; /* root may speak for any of its descendants */
    end_process(child, fd);
    return k;
}

static void test_users(void)
{
    const uid_t u = SOMEBODY, other = 1000;
    if (geteuid()) {
        check(true, "# SKIP other users need root");
        return;
    }
    check(spoken_by_somebody(PLAIN) == KIN_DESCENDANT,
          "a user may speak for his own, and root for him");
    check(spoken_by_somebody((struct ids){other, other, u, u, true}) == KIN_NONE,
          "but not for another's");
    check(spoken_by_somebody((struct ids){other, u, u, u, true}) == KIN_NONE,
          "nor for one that is another's in part");
    check(spoken_by_somebody((struct ids){u, u, u, other, true}) == KIN_NONE,
          "nor for a set-group-ID program's");
    check(spoken_by_somebody((struct ids){u, u, other, u, true}) == KIN_NONE,
          "nor for one of another group in part");
    check(spoken_by_somebody((struct ids){u, u, u, u, false}) == KIN_NONE,
          "nor for one that he may not trace");
}

static void *linger(void *arg)
{
    *(pid_t *)arg = (pid_t)syscall(SYS_gettid);
    pause();
    return NULL;
}

/* Linux 6.9 has pidfds of threads. */
static void test_threads(void)
{
    int ready[2];
    pid_t thread = 0, child = pipe2(ready, O_CLOEXEC) ? -1 : fork();
    if (!child) {
        pthread_t t;
        pthread_create(&t, NULL, linger, &thread);
        while (!__atomic_load_n(&thread, __ATOMIC_ACQUIRE))
            sched_yield();
        if (write(ready[1], &thread, sizeof thread) < 0)
            _exit(1);
        pause();
    }
    close(ready[1]);
    if (read(ready[0], &thread, sizeof thread) != sizeof thread)
        thread = 0;
    close(ready[0]);
    int fd = (int)syscall(SYS_pidfd_open, thread, O_EXCL);
    check(fd < 0 || spoken_by_us(fd, getpid()) == KIN_UNKNOWN, "a thread is no process%s",
          fd < 0 ? " # SKIP this kernel has no pidfds of threads" : "");
    end_process(child, fd);
}

static void test_others(void)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC), first = open_process(1);
    check(spoken_by(null, 0, 0) == KIN_UNKNOWN, "a file is no process");
    check(spoken_by(-1, 0, 0) == KIN_UNKNOWN, "nor is nothing");
    check(spoken_by(first, 0, 0) == KIN_NONE, "the first process is below nobody");
    close(null);
    close(first);
}

int main(void)
{
    test_descent();
    test_users();
    test_threads();
    test_others();
    return check_end();
}
