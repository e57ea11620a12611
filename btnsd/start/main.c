/* btnsd's main(): options, start, the event loop, and the end. */
#include "btnsd/base/log_rate.h"
#include "btnsd/base/notify.h"
#include "btnsd/rules/read/reader.h"
#include "btnsd/running/names_retry.h"
#include "btnsd/server/passed_fds.h"
#include "btnsd/start/drop_mandatory.h"
#include "btnsd/start/signals.h"
#include "btnsd/start/start.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void on_child_ended(struct btnsd *d, pid_t pid, int status)
{
    if (!passed_reaped(pid) && !reading_reaped(&d->readings, pid, status) &&
        !names_retry_reaped(d, pid, status) && !audit_reaped(&d->audit, pid))
        ike_reaped(d->ike, pid, status);
}

/* The service manager's watchdog: a btnsd whose loop hangs is started again. */
static void report_btnsd_alive(struct timer *t)
{
    struct btnsd *d = t->arg;
    notify_alive();
    loop_after(d->loop, t, notify_alive_ms(), report_btnsd_alive, d);
}

static int run_daemon(struct btnsd *d, const struct options *o)
{
    struct signals signals;
    struct timer alive = {0};
    struct err err = {""};
    int rc = signals_watch(&signals, d, on_child_ended);
    if (!rc)
        rc = parts_start(d, o, &err);
    if (rc) {
        log_error("cannot start: %s", err.text[0] ? err.text : strerror(-rc));
    } else {
        if (notify_alive_ms())
            loop_after(d->loop, &alive, notify_alive_ms(), report_btnsd_alive, d);
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
