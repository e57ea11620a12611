/* charon as a process: started, awaited, started again when it dies, ended. */
#include "state.h"

#include "../log.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_MS   20 /* between looks for charon's socket, while it starts */
#define START_MAX  250
#define AWAY_MS    5000 /* between tries when it cannot be started at all */
#define RESTART_MS 1000
#define END_MS     5000
#define LOG_MS     10000 /* what a flood of introductions writes meanwhile fits below its limit */

static void try_control(struct timer *t);

static void retry(struct ike *k, const char *why)
{
    if (++k->attempts < START_MAX) {
        loop_after(k->loop, &k->start, START_MS, try_control, k);
        return;
    }
    log_note("charon does not answer on its control socket: %s", why);
    if (k->charon)
        kill(k->charon, SIGKILL); /* started again when it is reaped */
}

/* charon opens its socket some time after it was started; nothing announces that. */
static void try_control(struct timer *t)
{
    struct ike *k = t->arg;
    struct err err = {""};
    if (k->charon) {
        if (control_open(k, &err))
            retry(k, err.text);
    } else if (ike_start(k, &err)) {
        k->ops->away(k->arg, err.text);
        loop_after(k->loop, &k->start, AWAY_MS, try_control, k);
    }
}

/* Without a charon there is nothing to wait for. */
static void on_none(struct timer *t)
{
    struct ike *k = t->arg;
    k->ops->ready(k->arg);
}

bool ike_is_off(const struct ike *k)
{
    return !strcmp(k->paths.binary, "none");
}

static void trim_log(struct timer *t)
{
    struct ike *k = t->arg;
    charon_log_trim(&k->paths);
    provisional_report(k);
    loop_after(k->loop, &k->log, LOG_MS, trim_log, k);
}

int ike_start(struct ike *k, struct err *err)
{
    if (ike_is_off(k)) {
        loop_after(k->loop, &k->start, 0, on_none, k);
        return 0;
    }
    charon_end_stale(&k->paths);
    unlink(k->socket);
    pid_t pid = charon_start(&k->paths, err);
    if (pid < 0)
        return (int)pid;
    k->charon = pid;
    k->attempts = 0;
    loop_after(k->loop, &k->start, START_MS, try_control, k);
    loop_after(k->loop, &k->log, LOG_MS, trim_log, k);
    return 0;
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
    loop_after(k->loop, &k->start, RESTART_MS, try_control, k);
    k->ops->died(k->arg, why);
    return true;
}

/* Told to end, charon deletes its SAs with the peers; one that hangs is killed. */
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
