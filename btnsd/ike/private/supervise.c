/* Starts charon, waits until it answers, restarts it when it dies, and ends it. */
#include "btnsd/ike/private/state.h"

#include "btnsd/base/log.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS   20 /* between attempts to reach charon's socket while it starts */
#define START_MAX  250
#define AWAY_MS    5000  /* between attempts when charon cannot be started at all */
#define RESTART_MS 1000  /* before a charon that has hardly run is started again */
#define LONG_MS    10000 /* one that has run for so long is started again at once */
#define PORTS_MS   100   /* between attempts to get UDP ports that another program has */
#define END_MS     5000
#define TICK_MS    10000 /* a flood of introductions cannot fill the log to its limit in one tick */
#define LOST_MS    10000 /* latches break after so long without a charon that takes commands */
#define SILENT_MAX 3     /* ticks for which charon may leave commands unanswered */

static void try_control(struct timer *t);

/* charon is started again and again, or runs without answering. */
static void on_charon_lost(struct timer *t)
{
    struct ike *k = t->arg;
    char tail[200], why[sizeof k->trouble + sizeof tail];
    charon_log_tail(&k->paths, tail, sizeof tail);
    snprintf(why, sizeof why, "%s%s%s", k->trouble, tail[0] ? ": " : "", tail);
    k->ops->away(k->arg, why);
}

static void watch_charon_absence(struct ike *k, const char *why)
{
    snprintf(k->trouble, sizeof k->trouble, "%s", why);
    if (!k->lost.slot)
        loop_after(k->loop, &k->lost, LOST_MS, on_charon_lost, k);
}

/*
 * charon does not answer yet. If an earlier charon ended, the reason for that says more than `why`.
 */
static void await_charons_answer(struct ike *k, const char *why)
{
    if (!k->lost.slot)
        watch_charon_absence(k, why);
}

static void retry_control(struct ike *k, const char *why)
{
    await_charons_answer(k, why);
    if (++k->attempts < START_MAX) {
        loop_after(k->loop, &k->start, START_MS, try_control, k);
        return;
    }
    log_warning("charon does not answer on its control socket: %s", why);
    if (k->charon)
        kill(k->charon, SIGKILL); /* started again when it is reaped */
}

/*
 * Does charon have the IKE ports? It binds them before it answers, and goes on without one that it
 * does not get: then it is ended here, and started again when the port is free.
 */
static bool ports_are_charons(struct ike *k)
{
    struct err err;
    if (!k->charon || k->has_ports || !ike_ports_belong(k->charon, &err)) {
        k->has_ports = true;
        return true;
    }
    log_note("%s", err.text);
    kill(k->charon, SIGKILL); /* started again when it is reaped */
    return false;
}

static bool on_charon_answered(struct ike *k, bool loaded)
{
    if (!ports_are_charons(k))
        return false;
    k->heard = true;
    k->loaded |= loaded;
    if (k->loaded)
        loop_cancel(k->loop, &k->lost);
    return true;
}

/* If charon itself has ended, SIGCHLD reports that, and ike_reaped() starts it again. */
static void on_control_closed(struct ike *k)
{
    if (k->charon)
        loop_after(k->loop, &k->start, START_MS, try_control, k);
}

static const struct control_ops control_ops = {on_charon_answered, on_control_closed};

/* charon opens its socket some time after it starts, and nothing announces that. */
static void try_control(struct timer *t)
{
    struct ike *k = t->arg;
    struct err err = {""};
    if (k->charon) {
        if (!k->control && control_open(k, &control_ops, &err))
            retry_control(k, err.text);
    } else if (ike_start(k, &err)) {
        k->ops->away(k->arg, err.text);
        loop_after(k->loop, &k->start, AWAY_MS, try_control, k);
    }
}

/* With charon "none" there is nothing to wait for. */
static void on_no_charon(struct timer *t)
{
    struct ike *k = t->arg;
    k->ops->ready(k->arg);
}

bool ike_is_off(const struct ike *k)
{
    return !strcmp(k->paths.binary, "none");
}

/*
 * Ends a charon that hangs: it does not exit, and its socket stays open. So when it has no commands
 * to answer, it is asked for its version. Ticks are counted instead of time: while the host slept,
 * charon had no time to answer.
 */
static void check_charon_alive(struct ike *k)
{
    struct vici_msg m;
    k->silent = k->answers && !k->heard ? k->silent + 1 : 0;
    k->heard = false;
    if (k->silent >= SILENT_MAX && k->charon) {
        log_warning("charon hangs: it is ended");
        kill(k->charon, SIGKILL); /* started again when it is reaped */
    } else if (!k->answers && k->loaded) {
        vici_init(&m);
        control_command(k, "version", &m);
    }
}

static void on_supervision_tick(struct timer *t)
{
    struct ike *k = t->arg;
    charon_log_trim(&k->paths);
    provisional_report(k);
    check_charon_alive(k);
    loop_after(k->loop, &k->tick, TICK_MS, on_supervision_tick, k);
}

/*
 * Holds the IKE ports for charon. Without port 4500 charon would run, but reach no peer behind a
 * NAT; without 500, no peer at all. False: another program has one; btnsd tries again.
 */
static bool take_ike_ports(struct ike *k)
{
    struct err err;
    if (!ike_ports_hold(&k->ports, &err)) {
        if (k->ports_taken)
            log_note("the UDP ports of IKE are free again");
        k->ports_taken = false;
        ike_ports_release(&k->ports); /* charon binds them now */
        return true;
    }
    if (!k->ports_taken) {
        log_warning("%s", err.text);
        k->ops->away(k->arg, err.text);
    }
    k->ports_taken = true;
    loop_after(k->loop, &k->start, PORTS_MS, try_control, k);
    return false;
}

int ike_start(struct ike *k, struct err *err)
{
    if (ike_is_off(k)) {
        loop_after(k->loop, &k->start, 0, on_no_charon, k);
        return 0;
    }
    charon_end_stale(&k->paths);
    unlink(k->socket);
    if (!take_ike_ports(k))
        return 0;
    pid_t pid = charon_start(&k->paths, err);
    if (pid < 0)
        return (int)pid;
    k->charon = pid;
    k->started = loop_now();
    k->attempts = k->silent = 0;
    k->has_ports = false;
    await_charons_answer(k, "it does not take commands");
    loop_after(k->loop, &k->start, START_MS, try_control, k);
    loop_after(k->loop, &k->tick, TICK_MS, on_supervision_tick, k);
    return 0;
}

/* Its SAs stay in the kernel meanwhile, as after its death. */
void ike_use_beet(struct ike *k)
{
    if (k->paths.beet)
        return;
    k->paths.beet = true;
    if (!k->charon)
        return;
    log_note("charon is started again, for BEET mode");
    kill(k->charon, SIGKILL); /* started again when it is reaped */
}

pid_t ike_charon_pid(const struct ike *k)
{
    return k->charon;
}

bool ike_is_ready(const struct ike *k)
{
    return k->loaded;
}

bool ike_reaped(struct ike *k, pid_t pid, int status)
{
    char why[64];
    if (pid != k->charon)
        return false;
    k->charon = 0;
    if (WIFSIGNALED(status))
        snprintf(why, sizeof why, "killed by signal %d", WTERMSIG(status));
    else
        snprintf(why, sizeof why, "exit status %d", WEXITSTATUS(status));
    control_close(k);
    ike_ports_hold(&k->ports, &(struct err){""}); /* no other program gets them meanwhile */
    watch_charon_absence(k, why);
    const bool ran = loop_now() - k->started >= LONG_MS;
    loop_after(k->loop, &k->start, ran ? 0 : RESTART_MS, try_control, k);
    k->ops->died(k->arg, why);
    return true;
}

/* When told to end, charon deletes its SAs with the peers. One that hangs is killed. */
void ike_end_charon(struct ike *k)
{
    pid_t pid = k->charon;
    if (!pid)
        return;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0);
    struct pollfd p = {.fd = fd, .events = POLLIN};
    kill(pid, SIGTERM);
    if (fd < 0 || poll(&p, 1, END_MS) != 1)
        kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (fd >= 0)
        close(fd);
}
