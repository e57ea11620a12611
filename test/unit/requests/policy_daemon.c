/*
 * policy_daemon SOCKET DIR: the part of btnsd that decides and stores policies, without kernel and
 * key manager. Policies come from DIR/policy and the packages and authors beside it, the state is
 * in DIR/state. SIGHUP reloads. Prints "ready" when it answers.
 */
#include "btnsd/requests/table.h"
#include "btnsd/running/reload.h"
#include "btnsd/running/stored_policies.h"
#include "btnsd/server/epoch.h"
#include "btnsd/start/signals.h"

#include <stdlib.h>
#include <string.h>

static struct btnsd d;
static char path[6][200];

static void on_child_ended(struct btnsd *all, pid_t pid, int status)
{
    if (!reading_reaped(&all->readings, pid, status))
        audit_reaped(&all->audit, pid);
}

static const char *in(int i, const char *dir, const char *name)
{
    snprintf(path[i], sizeof path[i], "%s/%s", dir, name);
    return path[i];
}

static int start(const char *socket, const char *dir, struct err *err)
{
    d.loop = d.readings.loop = loop_new();
    d.epoch = epoch_new();
    d.sources = (struct rules_sources){.policy = in(0, dir, "policy"),
                                       .packages = in(1, dir, "packages"),
                                       .authors = in(2, dir, "authors")};
    d.sequences = in(3, dir, "state/packages");
    d.users.dir = in(4, dir, "state/users");
    audit_start(&d.audit, &d.events, in(5, dir, "state/audit.jsonl"));
    stored_policies_find(&d);
    if (btnsd_reload(&d)) {
        err_set(err, "%s", d.refused);
        return -1;
    }
    d.server = server_new(d.loop, socket, request_dispatch, &d, err);
    if (d.server)
        stored_policies_serve(&d);
    return d.server ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct err err = {""};
    struct signals signals;
    if (argc != 3)
        return 2;
    if (start(argv[1], argv[2], &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    if (signals_watch(&signals, &d, on_child_ended))
        return 1;
    puts("ready");
    fflush(stdout);
    loop_run(d.loop);
    server_free(d.server);
    audit_end(&d.audit);
    readings_end(&d.readings);
    users_free(&d.users);
    run_policies_free(&d.run_policies);
    rules_free(d.rules);
    epoch_free(d.epoch);
    loop_free(d.loop);
    return 0;
}
