/*
 * connect() on a socket that is there needs no descriptor, so a program may be at its limit. A
 * thread that does not share the table of descriptors has a copy of it, in which it may close what
 * it likes. For btnsd it is the same process. The calling thread is suspended until the other one
 * has ended, as after vfork(): they may have their thread-local variables in common.
 */
#include "shim/apart.h"

#include "shim/calls.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>

enum { STACK = 32768, FIRST = 3, ROOM = 3 };

struct job {
    int fd;
    void (*work)(void *arg);
    void *arg;
    bool done;
};

static int start_job(void *arg)
{
    struct job *j = arg;
    for (int fd = FIRST; fd <= FIRST + ROOM; fd++)
        if (fd != j->fd)
            RAW(close, fd);
    j->work(j->arg);
    j->done = true;
    return 0;
}

bool apart_run(int fd, void (*work)(void *arg), void *arg)
{
    const int flags =
        CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_VFORK;
    _Alignas(16) char stack[STACK];
    struct job job = {.fd = fd, .work = work, .arg = arg};
    uint64_t all = ~0ull, before;
    if (RAW(rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all) < 0)
        return false;
    REAL(clone, start_job, stack + sizeof stack, flags, &job, NULL, NULL, NULL);
    RAW(rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    return job.done;
}
