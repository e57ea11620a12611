/* Runs the self-test in a child process that writes into memory shared with us. */
#include "btnsd/ctl/audit/selftest.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define TIMESTAMPS "net.ipv4.tcp_timestamps"
#define LIMIT_S    120 /* limit for the whole self-test; usually it takes a few seconds */

_Static_assert(ATTACKS_MAX >= 32, "room for every attack");

/* With one processor, the loopback link keeps packets in order, which tap_fence() relies on. */
static void selftest_on_one_processor(void)
{
    cpu_set_t one;
    int cpu = sched_getcpu();
    CPU_ZERO(&one);
    CPU_SET(cpu >= 0 ? (size_t)cpu : 0, &one);
    sched_setaffinity(0, sizeof one, &one);
}

static bool selftest_has_family(int family)
{
    int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static void run_selftest_passes(struct selftest *t, bool here)
{
    for (unsigned i = 0; i < PASSES; i++) {
        struct pass *p = &t->pass[i];
        char now[SETTING_VALUE];
        bool stamps = setting_read_sysctl(TIMESTAMPS, now) && atoi(now);
        if (!selftest_has_family(p->family)) {
            err_set(&p->why, "this kernel has no IPv6, or it is switched off");
            p->left_out = true;
            continue;
        }
        if (here && stamps != p->stamps) {
            err_set(&p->why, "not tried: settings of this namespace are left alone");
            p->left_out = true;
            continue;
        }
        if (stamps != p->stamps && !setting_write_sysctl(TIMESTAMPS, p->stamps ? "1" : "0")) {
            err_set(&p->why, "%s cannot be set in the private namespace", TIMESTAMPS);
            continue;
        }
        selftest_pass(p, !here);
    }
}

/* If no connection could be made before, does not try a thousand. */
static void run_selftest_ports(struct selftest *t)
{
    if (t->pass[PASS_4_STAMPS].done || t->pass[PASS_4_PLAIN].done)
        selftest_ports(AF_INET, &t->ports);
    if (t->pass[PASS_6_STAMPS].done || t->pass[PASS_6_PLAIN].done)
        selftest_ports(AF_INET6, &t->ports);
}

static void be_selftest_child(struct selftest *t, bool here, const struct settings *host)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* ^C ends parent and child */
    alarm(LIMIT_S);
    if (!here && !private_netns_enter(&t->why))
        return;
    selftest_on_one_processor();
    if (!here)
        private_netns_settings(host, &t->unlike);
    run_selftest_passes(t, here);
    run_selftest_ports(t);
    t->done = true;
}

static void *map_selftest_results(size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

const struct selftest *selftest_run(bool here, const struct settings *host)
{
    struct selftest *t = map_selftest_results(sizeof *t);
    int status = 0;
    if (!t)
        return NULL;
    for (unsigned i = 0; i < PASSES; i++) {
        t->pass[i].family = i < PASS_6_STAMPS ? AF_INET : AF_INET6;
        t->pass[i].stamps = i == PASS_4_STAMPS || i == PASS_6_STAMPS;
    }
    pid_t pid = fork();
    if (!pid) {
        be_selftest_child(t, here, host);
        _exit(0);
    }
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        err_set(&t->why, "the self-test cannot be started: %s", strerror(errno));
    else if (WIFSIGNALED(status))
        err_set(&t->why, "the self-test was ended by signal %d%s", WTERMSIG(status),
                WTERMSIG(status) == SIGALRM ? ": it took longer than 2 minutes" : "");
    return t;
}

bool selftest_whole(const struct selftest *t)
{
    bool whole = t->done;
    for (unsigned i = 0; i < PASSES; i++)
        whole = whole && (t->pass[i].done || t->pass[i].left_out);
    return whole;
}

void selftest_free(const struct selftest *t)
{
    if (t)
        munmap((void *)(uintptr_t)t, sizeof *t);
}
