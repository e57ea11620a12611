/*
 * The supervisor adopts the program's orphans (PR_SET_CHILD_SUBREAPER) and runs until the kernel
 * reports that no process is left under the filter.
 */
#include "shim/supervise/children.h"

#include "shim/supervise/descriptors.h"
#include "shim/supervise/notices.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct watch {
    const struct supervision *v;
    pid_t program; /* its process id; 0: it has ended */
    int listener, keeper, signals;
};

static void tell_keeper_of_child(struct watch *w, int code, int status)
{
    const struct news n = {w->program, code, status};
    if (w->keeper >= 0)
        send(w->keeper, &n, sizeof n, MSG_NOSIGNAL);
}

static void forget_childrens_keeper(struct watch *w)
{
    if (w->keeper >= 0)
        close(w->keeper);
    w->keeper = -1;
}

static void note_program_child_end(struct watch *w, const siginfo_t *i)
{
    tell_keeper_of_child(w, i->si_code, i->si_status);
    if (i->si_code == CLD_STOPPED || i->si_code == CLD_CONTINUED || i->si_code == CLD_TRAPPED)
        return;
    w->program = 0;
    forget_childrens_keeper(w);
}

static void reap_children(struct watch *w)
{
    struct signalfd_siginfo drained;
    while (read(w->signals, &drained, sizeof drained) > 0)
        ;
    for (;;) {
        siginfo_t i = {0};
        if (waitid(P_ALL, 0, &i, WEXITED | WSTOPPED | WCONTINUED | WNOHANG) || !i.si_pid)
            return;
        if (i.si_pid == w->program)
            note_program_child_end(w, &i);
    }
}

/* The keeper has ended although it was not told that the program has: it was killed. */
static void lose_childrens_keeper(struct watch *w)
{
    forget_childrens_keeper(w);
    if (w->program)
        kill(w->program, SIGKILL);
}

static void end_childrens_listener(struct watch *w)
{
    close(w->listener);
    w->listener = -1;
}

static void watch_children_once(struct watch *w)
{
    struct pollfd p[] = {{.fd = w->signals, .events = POLLIN},
                         {.fd = w->keeper, .events = POLLIN},
                         {.fd = w->listener, .events = POLLIN}};
    if (poll(p, 3, notices_busy() ? NOTICES_TICK : -1) < 0)
        return;
    if (p[2].revents && !notices_ready(w->v, w->listener))
        end_childrens_listener(w);
    if (p[1].revents)
        lose_childrens_keeper(w);
    if (p[0].revents)
        reap_children(w);
    notices_tick();
}

void children_watch(const struct supervision *v, pid_t program, int listener, int keeper)
{
    struct watch w = {.v = v, .program = program, .listener = listener, .keeper = keeper};
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    w.signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    /* All signals have been blocked since the start. SIGUSR1 wakes threads (workers.c). */
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    descriptors_close_but((const int[]){w.signals, listener, keeper}, 3);
    while (w.program || w.listener >= 0)
        watch_children_once(&w);
}
