/* btnsd's main(): options, start, signals, the event loop, and the end. */
#include "btnsd/base/log_rate.h"
#include "btnsd/base/notify.h"
#include "btnsd/rules/read/reader.h"
#include "btnsd/running/names_retry.h"
#include "btnsd/running/reload.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/start/drop_mandatory.h"
#include "btnsd/start/start.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void on_signal(struct watch *w, uint32_t events)
{
    struct btnsd *d = w->arg;
    struct signalfd_siginfo si;
    int status;
    pid_t pid;
    (void)events;
    while (read(w->fd, &si, sizeof si) == sizeof si) {
        if (si.ssi_signo == SIGHUP) {
            audit_reopen(&d->audit);
            btnsd_reload(d);
        }
        if (si.ssi_signo != SIGHUP && si.ssi_signo != SIGCHLD)
            loop_stop(d->loop);
    }
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        if (!passed_reaped(pid) && !reading_reaped(&d->readings, pid, status) &&
            !names_retry_reaped(d, pid, status) && !audit_reaped(&d->audit, pid))
            ike_reaped(d->ike, pid, status);
}

static int start_signals(struct btnsd *d, struct watch *w)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        sigaddset(&set, signals[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return fd < 0 ? -errno : loop_watch(d->loop, w, fd, EPOLLIN, on_signal, d);
}

/* The service manager's watchdog: a btnsd whose loop hangs is started again. */
static void report_alive(struct timer *t)
{
    struct btnsd *d = t->arg;
    notify_alive();
    loop_after(d->loop, t, notify_alive_ms(), report_alive, d);
}

static int run_daemon(struct btnsd *d, const struct options *o)
{
    struct watch signals;
    struct timer alive = {0};
    struct err err = {""};
    int rc = start_signals(d, &signals);
    if (!rc)
        rc = parts_start(d, o, &err);
    if (rc) {
        log_error("cannot start: %s", err.text[0] ? err.text : strerror(-rc));
    } else {
        if (notify_alive_ms())
            loop_after(d->loop, &alive, notify_alive_ms(), report_alive, d);
        rc = loop_run(d->loop);
        loop_cancel(d->loop, &alive);
    }
    parts_stop(d);
    return rc ? 1 : 0;
}

int main(int argc, char **argv)
{
    static struct btnsd d;
    struct options o;
    struct rlimit files = {65536, 65536};
    notify_init();
    journal_find("/run/systemd/journal/socket");
    int status = options_parse(argc, argv, &o);
    if (status >= 0)
        return status;
    if (o.read_task)
        return reader_serve(STDIN_FILENO);
    if (geteuid()) {
        fputs("btnsd: must be run as root\n", stderr);
        return 1;
    }
    if (o.drop_mandatory)
        return drop_mandatory();
    setrlimit(RLIMIT_NOFILE, &files);
    reader_at("/run/btns/reader.sock");
    event_subscribe(&d.events, &event_log);
    d.sources = o.sources;
    d.ready_fd = o.ready_fd;
    d.started = (uint64_t)time(NULL);
    d.loop = loop_new();
    if (!d.loop)
        return 1;
    log_rates_begin(d.loop);
    status = run_daemon(&d, &o);
    log_rates_end();
    loop_free(d.loop);
    return status;
}
