/* btnsd's signals, read from one descriptor by the event loop. */
#include "btnsd/start/signals.h"

#include "btnsd/requests/accept_scan.h"
#include "btnsd/running/reload.h"

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static void on_signal(struct watch *w, uint32_t events)
{
    struct signals *s = w->arg;
    struct signalfd_siginfo si;
    int status;
    pid_t pid;
    (void)events;
    while (read(w->fd, &si, sizeof si) == sizeof si) {
        if (si.ssi_signo == SIGHUP) {
            audit_reopen(&s->d->audit);
            server_look(s->d->server);
            accept_scan_now(s->d);
            btnsd_reload(s->d);
        }
        if (si.ssi_signo != SIGHUP && si.ssi_signo != SIGCHLD)
            loop_stop(s->d->loop);
    }
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        s->reaped(s->d, pid, status);
}

int signals_watch(struct signals *s, struct btnsd *d,
                  void (*reaped)(struct btnsd *d, pid_t pid, int status))
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    sigset_t set;
    s->d = d;
    s->reaped = reaped;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : loop_watch(d->loop, &s->watch, fd, EPOLLIN, on_signal, s);
}
