/*
 * connect() on an existing socket needs no new descriptor, so a program may call it at its limit of
 * descriptors. A thread made without CLONE_FILES has its own copy of the descriptor table and may
 * close descriptors in it; to btnsd it is still the same process. The calling thread is suspended
 * until that thread ends, as after vfork(), because the two may share thread-local variables.
 */
#include "shim/own_descriptors.h"

#include "shim/calls.h"

#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>

enum { STACK = 32768, FIRST = 3, ROOM = 3 };

struct job {
    int fd;
    void (*work)(void *arg);
    void *arg;
    bool done;
};

static int start_with_own_descriptors(void *arg)
{
    struct job *j = arg;
    for (int fd = FIRST; fd <= FIRST + ROOM; fd++)
        if (fd != j->fd)
            RAW(close, fd);
    j->work(j->arg);
    j->done = true;
    return 0;
}

bool own_descriptors_run(int fd, void (*work)(void *arg), void *arg)
{
    const int flags =
        CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM | CLONE_VFORK;
    struct job job = {.fd = fd, .work = work, .arg = arg};
    uint64_t all = ~0ull, before;
    /* The calling thread's stack may be smaller: a thread may have as little as 16 KiB. */
    char *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return false;
    if (RAW(rt_sigprocmask, SIG_SETMASK, &all, &before, sizeof all) == 0) {
        REAL(clone, start_with_own_descriptors, stack + STACK, flags, &job, NULL, NULL, NULL);
        RAW(rt_sigprocmask, SIG_SETMASK, &before, NULL, sizeof before);
    }
    munmap(stack, STACK);
    return job.done;
}
