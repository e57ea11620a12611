/* Stores the hosts that run no btnsd in a file, across restarts of btnsd. */
#include "btnsd/running/plain_host_file.h"

#include "btnsd/base/file.h"
#include "btnsd/base/log.h"
#include "btnsd/ike/peers/peers.h"
#include "btnsd/xfrm/neighbour.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define WRITE_MS 1000 /* the file is written at most this often */

static uint64_t seconds_now(void)
{
    return (uint64_t)time(NULL);
}

static int print_plain_hosts(FILE *f, void *arg)
{
    return plain_hosts_print(f, arg, seconds_now());
}

static void write_plain_hosts(struct timer *t)
{
    struct btnsd *d = t->arg;
    int rc = file_print(d->plain_file, 0600, print_plain_hosts, &d->plain_hosts);
    if (rc)
        log_warning("%s: %s: which hosts run no btnsd is found out again after a restart",
                    d->plain_file, strerror(-rc));
}

static void plain_hosts_changed(struct btnsd *d)
{
    if (d->plain_file && !d->plain_timer.slot)
        loop_after(d->loop, &d->plain_timer, WRITE_MS, write_plain_hosts, d);
}

void plain_hosts_begin(struct btnsd *d, const char *path)
{
    char line[128];
    unsigned number = 0;
    d->plain_file = path;
    FILE *f = fopen(path, "re");
    while (f && number++ < PLAIN_SETS * PLAIN_WAYS + 1u && fgets(line, sizeof line, f))
        if (!strchr(line, '\n') || !plain_hosts_read(&d->plain_hosts, line, seconds_now())) {
            log_warning("%s:%u: not a line of hosts that run no btnsd: the rest is left out", path,
                        number);
            break;
        }
    if (f)
        fclose(f);
    else if (errno != ENOENT)
        log_warning("%s: %s", path, strerror(errno));
}

void plain_hosts_end(struct btnsd *d)
{
    if (!d->plain_timer.slot)
        return;
    loop_cancel(d->loop, &d->plain_timer);
    write_plain_hosts(&d->plain_timer);
}

/* Does nobody answer for the address? Such a host may come back with a btnsd. */
static bool is_silent_host(const struct btns_addr *a)
{
    enum neighbour now = neighbour_state(a);
    return now == NEIGHBOUR_ASKED || now == NEIGHBOUR_FAILED;
}

void plain_hosts_note(struct btnsd *d, const struct btns_addr *a, enum plain what)
{
    if (peers_by_addr(d->peers, a) || is_silent_host(a))
        return;
    if (what == PLAIN_SLOW)
        recent_failure_forget(&d->recent_failures, a);
    plain_host_add(&d->plain_hosts, a, what, seconds_now());
    plain_hosts_changed(d);
}

bool plain_hosts_forget(struct btnsd *d, const struct btns_addr *a)
{
    bool recent = recent_failure_forget(&d->recent_failures, a);
    bool plain = plain_host_forget(&d->plain_hosts, a, seconds_now());
    if (plain)
        plain_hosts_changed(d);
    return recent || plain;
}
