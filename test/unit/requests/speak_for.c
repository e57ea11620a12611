/*
 * A client speaks for another process of its user: only while that process is alive and has no
 * privileges. TAP.
 */
#include "test/unit/requests/requests_talk.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

static int speak_away(int fd, int process)
{
    struct btns_hdr h = header(BTNS_REQ_SPEAK, 3);
    say_with(fd, &h, sizeof h, process, 1);
    return end_away(fd);
}

static int list_away(int fd)
{
    struct btns_hdr h = header(BTNS_REQ_LATCHES, 4);
    say(fd, &h, sizeof h);
    return end_away(fd);
}

/*
 * Forks a child that becomes dumpable or not with each octet; one that is not resembles a
 * set-user-ID program.
 */
static pid_t fork_changing(int *changes)
{
    int pair[2];
    char dumpable;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair))
        _exit(1);
    pid_t pid = fork();
    *changes = pair[!pid];
    close(pair[!!pid]);
    if (pid)
        return pid;
    while (read(*changes, &dumpable, 1) == 1 && !prctl(PR_SET_DUMPABLE, dumpable))
        if (write(*changes, &dumpable, 1) != 1)
            break;
    _exit(0);
}

static bool change(int changes, char dumpable)
{
    return write(changes, &dumpable, 1) == 1 && read(changes, &dumpable, 1) == 1;
}

static void speaking(void)
{
    int changes, fd = dial(), parents = (int)syscall(SYS_pidfd_open, getppid(), 0);
    pid_t pid = fork_changing(&changes);
    int process = (int)syscall(SYS_pidfd_open, pid, 0);
    bool another = speak_away(fd, parents) == EPERM;
    bool privileged = change(changes, 0) && speak_away(fd, process) == EPERM;
    bool own = change(changes, 1) && !speak_away(fd, process) && !list_away(fd);
    bool changed = change(changes, 0) && list_away(fd) == EPERM;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    bool ended = list_away(fd) == ESRCH;
    *result = another | privileged << 1 | own << 2 | changed << 3 | ended << 4;
}

static void test_speaking(void)
{
    as_nobody(speaking);
    check(*result == 31,
          "a user speaks for his own process, while it has no privilege and lives: %d", *result);
}

static void tests(void)
{
    test_speaking();
}

int main(void)
{
    return requests_main(tests);
}
