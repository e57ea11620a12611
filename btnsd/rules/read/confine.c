/*
 * Confines a process: takes away its signal handlers, environment, descriptors but one, user,
 * groups, capabilities, and the means to get any of these back.
 */
#include "btnsd/rules/read/confine.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define NOBODY       65534
#define CPU_SECONDS  4
#define MEMORY_ROOM  (128ul << 20)
#define MEMORY_GUESS (1ul << 30)

size_t confine_memory_limit(void)
{
    unsigned long pages = 0;
    FILE *f = fopen("/proc/self/statm", "re");
    if (f) {
        if (fscanf(f, "%lu", &pages) != 1)
            pages = 0;
        fclose(f);
    }
    return pages ? pages * (size_t)sysconf(_SC_PAGESIZE) + MEMORY_ROOM : MEMORY_GUESS;
}

/* The sanitizers reserve terabytes of address space, so with them no limit can be set. */
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static int set_reader_limits(size_t memory, unsigned files)
{
    const struct {
        int what;
        rlim_t most;
    } limits[] = {
        {RLIMIT_CPU, CPU_SECONDS}, {RLIMIT_AS, SANITIZED ? RLIM_INFINITY : memory},
        {RLIMIT_FSIZE, 0},         {RLIMIT_NOFILE, files},
        {RLIMIT_NPROC, 0},         {RLIMIT_CORE, 0},
    };
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct rlimit now, limit = {limits[i].most, limits[i].most};
        if (getrlimit((__rlimit_resource_t)limits[i].what, &now))
            return -errno;
        if (limit.rlim_max > now.rlim_max)
            limit.rlim_cur = limit.rlim_max = now.rlim_max;
        if (setrlimit((__rlimit_resource_t)limits[i].what, &limit))
            return -errno;
    }
    return 0;
}

static int drop_to_nobody(void)
{
    if (geteuid() == 0 && (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
                           setresuid(NOBODY, NOBODY, NOBODY)))
        return -errno;
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    return syscall(SYS_capset, &head, none) ? -errno : 0;
}

static void confine_signals(void)
{
    sigset_t all;
    sigfillset(&all);
    for (int i = 1; i < NSIG; i++)
        signal(i, SIG_DFL);
    sigprocmask(SIG_UNBLOCK, &all, NULL);
}

static int confine_descriptors(int fd)
{
    if (fd != CONFINED_FD && dup2(fd, CONFINED_FD) < 0)
        return -errno;
    if (close_range(CONFINED_FD + 1, ~0u, 0) || close_range(0, CONFINED_FD - 1, 0))
        return -errno;
    return 0;
}

int policy_confine(int keep_fd, size_t memory, unsigned files)
{
    int rc;
    clearenv();
    if ((rc = confine_descriptors(keep_fd)))
        return rc;
    confine_signals();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        return -errno;
    if ((rc = drop_to_nobody()) || (rc = set_reader_limits(memory, files)))
        return rc;
    /* After the change of user, which resets both. */
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0))
        return -errno;
    return 0;
}
